"""The bulk lane of `providers.http`: many requests in flight at once, through libcurl.

Same rules as there: nothing is sent twice, NOT_SENT only where it is certain that nothing left.
"""

import io
import os
import time
from collections.abc import Iterable
from math import inf
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import pycurl
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from providers.drivers.base import Answer, Lost, Request
from providers.http import (
    CONNECT_TIMEOUT,
    IDLE_LIMIT,
    LARGEST_BODY,
    LOOPBACK,
    READ_TIMEOUT,
    log_request,
    redact_bytes,
)

K = TypeVar("K")
GATHER_SECONDS = 0.02  # answers that come this close together are handed over together


def refuse_split_headers(request: Request) -> None:
    """Raises ValueError for a header that would not stay on its line."""
    for name, value in request.headers.items():
        if "\r" in value or "\n" in value:
            raise ValueError(f"the header {name} holds a line break")


class _Exchange(Generic[K]):
    """One request on its way. Its body is read once and cannot be read again.

    libcurl sends a request anew where a kept connection dies under it. It asks to rewind the body for that, and gives
    up where it may not: so a message that may have left is never sent twice.
    """

    __slots__ = ("answer", "body", "key", "request", "started")

    def __init__(self, key: K, request: Request) -> None:
        self.key = key
        self.request = request
        self.started = time.monotonic()
        self.body = io.BytesIO(request.body)
        self.answer = bytearray()

    def take(self, chunk: bytes) -> int:
        """A piece of the answer; ends the transfer once there is more than is kept."""
        self.answer += chunk
        return len(chunk) if len(self.answer) < LARGEST_BODY else 0

    @property
    def left(self) -> bool:
        """Whether any of it may have left. libcurl reads the body before it writes the first byte of a request."""
        return self.body.tell() > 0

    @property
    def cut(self) -> bool:
        return len(self.answer) >= LARGEST_BODY


class _Connections:
    """libcurl's open connections and its handles, for one caller at a time; it holds no rate and no state."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.multi = pycurl.CurlMulti()
        self.idle: dict[bool, list[pycurl.Curl]] = {False: [], True: []}

    def handle(self, loopback: bool) -> pycurl.Curl:
        """A handle through the environment's proxies, or directly for loopback."""
        idle = self.idle[loopback]
        return idle.pop() if idle else _new_handle(loopback)


def _new_handle(loopback: bool) -> pycurl.Curl:
    handle = pycurl.Curl()
    bundle = (
        os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    )
    for option, value in {
        pycurl.NOSIGNAL: 1,
        pycurl.POST: 1,
        pycurl.USERAGENT: "uContact-Wavy",
        pycurl.ACCEPT_ENCODING: "gzip, deflate",
        pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
        pycurl.MAXAGE_CONN: int(IDLE_LIMIT),
        pycurl.CAINFO: bundle,
    }.items():
        handle.setopt(option, value)
    if loopback:
        handle.setopt(pycurl.NOPROXY, "*")
    return handle


# Connections that nobody uses just now. A fork leaves its parent's alone, unused and open.
_spare: list[_Connections] = []
_inherited: list[_Connections] = []


def _connections() -> _Connections:
    while _spare:
        found = _spare.pop()
        if found.process == os.getpid():
            return found
        _inherited.append(found)
    return _Connections()


class BulkWire(Generic[K]):
    """Launches requests and collects their answers, each under its caller's key. One thread calls it.

    What is in flight moves while its caller launches or collects, so collect often. Every request has a body.
    An answer is to be there, whole, `connect_timeout` + `read_timeout` seconds after its request was launched.
    """

    def __init__(
        self, *, connect_timeout: float = CONNECT_TIMEOUT, read_timeout: float = READ_TIMEOUT
    ) -> None:
        self._own: _Connections | None = None
        self._connect = int(connect_timeout * 1000)
        self._whole = int((connect_timeout + read_timeout) * 1000)
        self._answers: list[tuple[K, Answer | Lost]] = []
        self._flying: dict[pycurl.Curl, tuple[_Exchange[K], bool]] = {}

    @property
    def in_flight(self) -> int:
        """Requests whose answers were not collected yet."""
        return len(self._flying) + len(self._answers)

    def launch(self, requests: Iterable[tuple[K, Request]]) -> None:
        """Lets all of them leave at once."""
        self._own = self._own or _connections()
        for key, request in requests:
            self._start(self._own, _Exchange(key, request))
        self._own.multi.perform()

    def collect(self, timeout: float, enough: int = 1) -> list[tuple[K, Answer | Lost]]:
        """What has come back; waits up to `timeout` seconds for the first, and a moment for `enough` of them."""
        ends = time.monotonic() + timeout
        gathers = False
        while self._own and self._flying:
            self._perform(self._own)
            left = ends - time.monotonic()
            if not self._flying or len(self._answers) >= enough or left <= 0:
                break
            if self._answers and not gathers:
                gathers, ends = True, min(ends, time.monotonic() + GATHER_SECONDS)
            self._own.multi.select(min(left, GATHER_SECONDS if gathers else left, _due(self._own.multi)))
        if self._own and not self._flying:
            _spare.append(self._own)
            self._own = None
        found, self._answers = self._answers, []
        return found

    def _start(self, own: _Connections, exchange: _Exchange[K]) -> None:
        request = exchange.request
        try:
            loopback = urlsplit(request.url).hostname in LOOPBACK
            refuse_split_headers(request)
            handle = own.handle(loopback)
            self._prepare(handle, exchange)
        except (ValueError, pycurl.error) as error:
            self._lose(exchange, error)
            return
        self._flying[handle] = exchange, loopback
        own.multi.add_handle(handle)

    def _prepare(self, handle: pycurl.Curl, exchange: _Exchange[K]) -> None:
        request = exchange.request
        handle.setopt(pycurl.URL, request.url)
        handle.setopt(pycurl.CUSTOMREQUEST, request.method)
        handle.setopt(pycurl.HTTPHEADER, [b"Expect:", *map(_header, request.headers.items())])
        handle.setopt(pycurl.POSTFIELDSIZE, len(request.body))
        handle.setopt(pycurl.READFUNCTION, exchange.body.read)
        handle.setopt(pycurl.WRITEFUNCTION, exchange.take)
        handle.setopt(pycurl.CONNECTTIMEOUT_MS, self._connect)
        handle.setopt(pycurl.TIMEOUT_MS, self._whole)

    def _perform(self, own: _Connections) -> None:
        own.multi.perform()
        more = 1
        while more:
            more, done, failed = own.multi.info_read()
            for handle in done:
                self._end(own, handle, None)
            for handle, _code, words in failed:
                self._end(own, handle, pycurl.error(words))

    def _end(self, own: _Connections, handle: pycurl.Curl, error: pycurl.error | None) -> None:
        own.multi.remove_handle(handle)
        exchange, loopback = self._flying.pop(handle)
        request = exchange.request
        if error and not exchange.cut:
            handle.close()  # it may still want to rewind
            self._lose(exchange, error)
            return
        status = handle.getinfo(pycurl.RESPONSE_CODE)
        own.idle[loopback].append(handle)
        body = bytes(exchange.answer[:LARGEST_BODY])
        if status != 200:
            log_request(request, exchange.started, status=status)
            body = body if 200 <= status < 300 else redact_bytes(body, request.secrets)
        self._answers.append((exchange.key, Answer(status, body)))

    def _lose(self, exchange: _Exchange[K], error: Exception) -> None:
        lost = Lost.UNKNOWN if exchange.left else Lost.NOT_SENT
        log_request(exchange.request, exchange.started, lost=lost, error=error)
        self._answers.append((exchange.key, lost))


def _due(multi: pycurl.CurlMulti) -> float:
    """Seconds until a time-out of curl's own is to be looked at; a wait for answers alone would sleep through it."""
    milliseconds = multi.timeout()
    return inf if milliseconds < 0 else milliseconds / 1000


def _header(pair: tuple[str, Any]) -> bytes:
    name, value = pair
    return f"{name}: {value}".encode(errors="replace") if value else f"{name};".encode()
