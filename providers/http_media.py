"""Fetches files from addresses that strangers name: guarded at every hop, bounded in size and time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import urljoin

import structlog
import urllib3
from urllib3.exceptions import (
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
)
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.util import Url, parse_url

from providers.http import bare_url
from providers.http_addresses import ForbiddenAddressError, Reach
from providers.http_guarded import CONNECT_TIMEOUT, READ_TIMEOUT, Line, pool_for

MOST_REDIRECTS = 5
CHUNK = 64 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
CLOSED = (401, 403, 404)  # what a server may say to somebody without the account's headers
PLAIN = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "uContact-Wavy"}

log = structlog.get_logger(__name__)


class NotFetchedError(Exception):
    """`key` is one of `providers.media_errors`."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key, detail)
        self.key = key


@dataclass(frozen=True, slots=True)
class Credentials:
    """Headers of an account, and the origins (`https://host:port`) that may see them."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    origins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where to, how many bytes at most, and how many seconds for all of it."""

    reach: Reach
    limit: int
    seconds: float


def origin(url: str) -> str:
    """`https://host:port` of an address, the port always told; "" where it is none."""
    try:
        parsed = parse_url(url)
    except LocationParseError:
        return ""
    return _origin(parsed) if parsed.scheme in DEFAULT_PORTS and parsed.host else ""


def fetch(url: str, into: BinaryIO, bounds: Bounds, credentials: Credentials) -> str:
    """Writes the file at `url` into `into`; returns the Content-Disposition that came with it.

    First without the account's headers, then with them where the server asks and may see them. Raises
    NotFetchedError; never anything of the network. What was written by then is worth nothing.
    """
    deadline = time.monotonic() + bounds.seconds
    try:
        for _hop in range(MOST_REDIRECTS + 1):
            with _answer(url, bounds, credentials, deadline) as response:
                if response.status not in REDIRECTS:
                    _save(response, into, bounds.limit)
                    if time.monotonic() >= deadline:  # a body without a length looks whole when it is cut
                        raise NotFetchedError("media_timeout")
                    return str(response.headers.get("Content-Disposition", ""))
                url = urljoin(url, response.headers.get("Location", ""))
        raise NotFetchedError("media_redirects")
    except NotFetchedError as error:
        late = time.monotonic() >= deadline
        key = "media_timeout" if late else error.key
        log.warning("media_not_fetched", url=bare_url(url), error=key)
        raise NotFetchedError(key) from error


@contextmanager
def _answer(
    url: str, bounds: Bounds, credentials: Credentials, deadline: float
) -> Iterator[urllib3.BaseHTTPResponse]:
    """The answer of one hop, its errors named, its connection closed at the end and cut at the deadline."""
    parsed = _parsed(url)
    headers = credentials.headers if _origin(parsed) in credentials.origins else {}
    with _errors_named(), _asked(parsed, {}, bounds, deadline) as response:
        if not (headers and response.status in CLOSED):
            yield response
            return
    with _errors_named(), _asked(parsed, headers, bounds, deadline) as response:
        yield response


def _parsed(url: str) -> Url:
    """One parser decides what is checked and what is asked for."""
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise NotFetchedError("media_url") from error
    if parsed.scheme not in DEFAULT_PORTS or not parsed.host:
        raise NotFetchedError("media_url")
    return parsed


def _origin(parsed: Url) -> str:
    return f"{parsed.scheme}://{parsed.host}:{_port(parsed)}"


def _port(parsed: Url) -> int:
    return parsed.port or DEFAULT_PORTS[str(parsed.scheme)]


@contextmanager
def _asked(
    parsed: Url, headers: Mapping[str, str], bounds: Bounds, deadline: float
) -> Iterator[urllib3.BaseHTTPResponse]:
    line = Line(bounds.reach, deadline)
    pool = pool_for(str(parsed.scheme), str(parsed.host), _port(parsed), line)
    try:
        response = pool.urlopen(
            "GET",
            parsed.request_uri,
            headers={
                "Accept": "*/*",
                "Accept-Encoding": "identity",
                "User-Agent": "uContact-Wavy",
                **headers,
            },
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
            preload_content=False,
            decode_content=False,
        )
        try:
            yield response
        finally:
            response.close()
    finally:
        line.close()
        pool.close()


def _save(response: urllib3.BaseHTTPResponse, into: BinaryIO, limit: int) -> None:
    if response.status != 200:
        raise NotFetchedError(_told(response.status))
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise NotFetchedError("media_encoded")
    announced = response.headers.get("Content-Length", "")
    if announced.isascii() and announced.isdecimal() and int(announced) > limit:
        raise NotFetchedError("media_too_large")
    size = 0
    for chunk in _chunks(response):
        size += len(chunk)
        if size > limit:
            raise NotFetchedError("media_too_large")
        try:
            into.write(chunk)
        except OSError as error:
            raise NotFetchedError("media_storage", type(error).__name__) from error
    if not size:
        raise NotFetchedError("media_empty")


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    try:
        yield from response.stream(CHUNK, decode_content=False)
    except (ProtocolError, ConnectionError) as error:
        raise NotFetchedError("media_cut") from error


def _told(status: int) -> str:
    named = {401: "media_refused", 403: "media_refused", 404: "media_missing", 410: "media_gone"}
    return named.get(status, "media_trouble")


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except ForbiddenAddressError as error:
        raise NotFetchedError("media_address", str(error)) from error
    except NewConnectionError as error:
        raise NotFetchedError("media_unreachable", str(error)) from error
    except (TimeoutError, HttpTimeoutError) as error:
        raise NotFetchedError("media_timeout") from error
    except (HTTPError, OSError, ValueError) as error:
        raise NotFetchedError("media_unreachable", type(error).__name__) from error
