"""Fetches files from addresses that strangers name: guarded at every hop, bounded in size and time."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import urljoin

import certifi
import structlog
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
    ProtocolError,
)
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.util import Url, parse_url

from providers.http import bare_url
from providers.http_addresses import ForbiddenAddressError, Reach

CONNECT_TIMEOUT = 5.0  # seconds, for each address
READ_TIMEOUT = 15.0  # seconds without a byte
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
    line = _Line(bounds.reach, deadline)
    pool = _pool(parsed, line)
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


def _pool(parsed: Url, line: _Line) -> urllib3.HTTPConnectionPool:
    host, port = str(parsed.host), _port(parsed)
    if parsed.scheme == "http":
        return _PlainPool(host, port, maxsize=1, line=line)
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    return _TlsPool(host, port, maxsize=1, line=line, cert_reqs="CERT_REQUIRED", ca_certs=bundle)


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


class _Line:
    """One connection: to an address that was checked, and to no other; cut when the time is up."""

    def __init__(self, reach: Reach, deadline: float) -> None:
        self._reach, self._deadline = reach, deadline
        self._timer: threading.Timer | None = None
        self._handle: socket.socket | None = None

    def connect(self, host: str, port: int) -> socket.socket:
        """Tries the host's addresses in turn. Raises OSError of the last one, ForbiddenAddressError."""
        failure: OSError = OSError("no address")
        for _family, address in self._reach.addresses(host.strip("[]").rstrip("."), port):
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the time is up")
            try:
                opened = socket.create_connection((address, port), timeout=min(CONNECT_TIMEOUT, left))
            except OSError as error:
                failure = error
                continue
            self._watch(opened)
            return opened
        raise failure

    def _watch(self, opened: socket.socket) -> None:
        """A second handle, as TLS takes over the first; a server that drips is cut off even in its headers."""
        handle = opened.dup()
        self._handle = handle
        self._timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), _cut, [handle])
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._handle is not None:
            self._handle.close()


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended meanwhile
        return


class _PlainConnection(urllib3.connection.HTTPConnection):
    """Leaves the choice of the address to its line."""

    def __init__(self, *args: Any, line: _Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line

    def _new_conn(self) -> socket.socket:
        try:
            return self.line.connect(self.host, self.port)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class _TlsConnection(_PlainConnection, urllib3.connection.HTTPSConnection):
    """The same; the certificate is checked against the name, not against the address."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
