"""Fetches what waits: several at a time, each into the storage, what became of it into its row."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from typing import BinaryIO
from uuid import uuid4

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File

from providers import media_types
from providers.accounts import account_of
from providers.drivers import driver_for
from providers.http_addresses import Reach
from providers.http_media import Bounds, Credentials, NotFetchedError, fetch, origin
from providers.media import Fetched, claim, fail, folder_of, store
from providers.models import Media
from providers.models.media import customers_storage

AT_A_TIME = 8
ONE_RUN = 50.0  # seconds in which new ones are claimed; the next wake-up or sweep goes on
IN_MEMORY = 1024 * 1024  # bytes of a file before it goes to disk

log = structlog.get_logger(__name__)


def fetch_waiting(clock: Callable[[], datetime]) -> int:
    """Fetches whatever is due until nothing is, AT_A_TIME at once. Returns how many are stored.

    The database is used by this thread alone and never while a file is on its way; a slow server holds up one
    of the places.
    """
    started, stored = time.monotonic(), 0
    running: dict[Future[Fetched], Media] = {}
    with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="media") as pool:
        while True:
            places = AT_A_TIME - len(running)
            if places and time.monotonic() - started < ONE_RUN:
                for media in claim(places, clock()):
                    running[pool.submit(fetched, media)] = media
            if not running:
                return stored
            done, _pending = wait(running, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                stored += _settle(running.pop(future), future, clock())


def _settle(media: Media, future: Future[Fetched], now: datetime) -> bool:
    try:
        result = future.result()
    except NotFetchedError as error:
        fail(media, error.key, now)
        return False
    return store(media, result)


def fetched(media: Media) -> Fetched:
    """One claimed file, fetched and put into the storage; no query. Raises NotFetchedError."""
    kind = media.message.kind
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as body:
        disposition = fetch(media.url, body, bounds_for(kind), credentials_for(media))  # type: ignore[arg-type]  # it is one
        size = body.tell()
        body.seek(0)
        content_type = media_types.type_of(body.read(media_types.HEAD), kind)
        body.seek(0)
        name = media_types.name_of(media.name, disposition, media.url, kind, content_type)
        ending = media_types.ENDINGS.get(content_type, "")
        file = _put(f"{folder_of(media.pk)}/{uuid4().hex}{ending}", body)  # type: ignore[arg-type]  # it is one
    return Fetched(file, content_type, name, size)


def _put(name: str, body: BinaryIO) -> str:
    try:
        return str(customers_storage.save(name, File(body)))
    except (OSError, SuspiciousFileOperation) as error:
        log.warning("media_not_stored", error=type(error).__name__)
        raise NotFetchedError("media_storage", type(error).__name__) from error


def bounds_for(kind: str) -> Bounds:
    """Where to, how much and how long, for a message of this kind."""
    megabytes = settings.MEDIA_MEGABYTES.get(kind, settings.MEDIA_MEGABYTES["document"])
    private = frozenset(host.strip().lower() for host in settings.MEDIA_PRIVATE_HOSTS)
    reach = Reach(private, tuple(settings.MEDIA_FORBIDDEN_NETWORKS))
    return Bounds(reach, megabytes * 1024 * 1024, settings.MEDIA_SECONDS)


def credentials_for(media: Media) -> Credentials:
    """The account's headers, for the provider's own API and the hosts that the installation lists; nobody else."""
    provider = media.message.provider
    account = account_of(provider)
    headers = driver_for(provider.api_type).account_headers(account)
    listed = (f"https://{host.strip()}" for host in settings.MEDIA_ACCOUNT_HOSTS)
    origins = frozenset(map(origin, (account.base_url, *listed))) - {""}
    return Credentials(headers, origins)
