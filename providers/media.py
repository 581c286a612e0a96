"""The rows of media: expected with the message, claimed, settled, asked for again, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from providers.drivers.base import Incoming
from providers.errors import Refusal
from providers.media_errors import again_after, kind_of
from providers.models import Media, MediaState, Message
from providers.models.media import customers_storage
from providers.wake import wake

TASK = "providers.fetch_media"
LONGEST_URL = 2048  # characters
LONGEST_NAME = 200
FOLDER = "customers"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file in the storage: its name there, what its bytes are, what a download is called, its size in bytes."""

    file: str
    content_type: str
    name: str
    size: int


def expect(messages: Sequence[Message], incoming: Sequence[Incoming], now: datetime) -> None:
    """Notes the files that came with these new messages, one insert for all; they are fetched once that is
    committed. Call it inside the transaction that writes the messages."""
    expected = [
        _expected(message, one, now) for message, one in zip(messages, incoming, strict=True) if one.media_url
    ]
    if expected:
        Media.objects.bulk_create(expected)
        transaction.on_commit(partial(wake, TASK))


def _expected(message: Message, one: Incoming, now: datetime) -> Media:
    name = one.media_name[:LONGEST_NAME]
    if len(one.media_url) > LONGEST_URL:  # a part of it would be another address
        return Media(message=message, name=name, state=MediaState.FAILED, error="media_url")
    return Media(message=message, name=name, url=one.media_url, next_attempt_at=now)


def lease_time() -> timedelta:
    """Longer than an attempt and the storage may take; who was killed is followed after it."""
    return timedelta(seconds=2 * settings.MEDIA_SECONDS)


def claim(most: int, now: datetime) -> list[Media]:
    """Takes up to so many that are due, their message and its provider loaded; nobody else gets them for a lease.

    Those whose every attempt was cut off in the middle are given up instead.
    """
    leased_until = now + lease_time()
    with transaction.atomic():
        due = Media.objects.filter(state=MediaState.WAITING, next_attempt_at__lte=now)
        locked = due.select_for_update(skip_locked=True, of=("self",)).select_related("message__provider")
        rows = list(locked.order_by("next_attempt_at")[:most])
        cut_off = [media.pk for media in rows if again_after(media.attempts) is None]
        Media.objects.filter(pk__in=cut_off).update(state=MediaState.FAILED, error="media_interrupted")
        claimed = [media for media in rows if media.pk not in cut_off]
        for media in claimed:
            media.next_attempt_at = leased_until
            media.attempts += 1
        Media.objects.filter(pk__in=[media.pk for media in claimed]).update(
            next_attempt_at=leased_until, attempts=F("attempts") + 1
        )
    return claimed


def folder_of(message_id: int) -> str:
    """Where the storage keeps the file of a message, and nothing else; a thousand folders a folder."""
    return f"{FOLDER}/{message_id // 1000:06}/{message_id}"


def store(media: Media, fetched: Fetched) -> bool:
    """Settles a claimed one. False where it is no longer the claim's; the file is then thrown away."""
    stored = Media.objects.filter(**media.lease()).update(
        state=MediaState.STORED,
        next_attempt_at=None,
        file=fetched.file,
        content_type=fetched.content_type,
        name=fetched.name[:LONGEST_NAME],
        size=fetched.size,
        error="",
    )
    if not stored:
        customers_storage.delete(fetched.file)
    elif media.attempts > 1:
        _empty(media.pk, but=fetched.file)
    return bool(stored)


def fail(media: Media, error: str, now: datetime) -> None:
    """Settles a claimed one that did not come: later again where that may help, else for good."""
    wait = again_after(media.attempts) if kind_of(error).again else None
    state = MediaState.FAILED if wait is None else MediaState.WAITING
    Media.objects.filter(**media.lease()).update(
        state=state, error=error, next_attempt_at=None if wait is None else now + wait
    )


def try_again(media: Media, now: datetime) -> None:
    """Fetches anew what could not be fetched, with all its attempts. Refusal `media_not_failed` otherwise."""
    changed = (
        Media.objects.filter(pk=media.pk, state=MediaState.FAILED)
        .exclude(url="")
        .update(state=MediaState.WAITING, attempts=0, error="", next_attempt_at=now)
    )
    if not changed:
        raise Refusal("media_not_failed", _("This file is being fetched already, or is here by now."))
    transaction.on_commit(partial(wake, TASK))


def delete_files(media: QuerySet[Media]) -> int:
    """Deletes the files of these and all that their rows tell of them; the rows stay, as `deleted`.

    Call it outside a transaction, with a bounded queryset, and before the messages themselves are deleted.
    Cut off in the middle, it is simply called again. Returns how many it deleted.
    """
    keys = list(media.exclude(Q(state=MediaState.DELETED) & Q(file="")).values_list("pk", flat=True))
    rows = Media.objects.filter(pk__in=keys)
    rows.update(state=MediaState.DELETED, next_attempt_at=None, url="", name="", error="")
    for key in keys:
        _empty(key)
    rows.update(file="", size=None, content_type="")
    return len(keys)


def _empty(message_id: int, but: str = "") -> None:
    """Deletes every file of a message, also those that a killed worker left behind."""
    folder = folder_of(message_id)
    try:
        _folders, files = customers_storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in files:
        if f"{folder}/{file}" != but:
            customers_storage.delete(f"{folder}/{file}")
    if not but:
        customers_storage.delete(folder)
