"""The bulk lane of `providers.http`: many requests in flight at once, on one loop in a thread of its own.

Same rules as there: nothing is sent twice, NOT_SENT only where it is certain that nothing left.
"""

import asyncio
import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

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

_NEVER_LEFT = (
    aiohttp.ClientConnectorError,  # refused, DNS, TLS; the proxy too
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, ValueError)


def refuse_split_headers(request: Request) -> None:
    """Raises ValueError for a header that would not stay on its line."""
    for name, value in request.headers.items():
        if "\r" in value or "\n" in value:
            raise ValueError(f"the header {name} holds a line break")


class _Loop:
    """One event loop of a process, with its open connections; it holds no rate and no state."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.sessions: dict[bool, aiohttp.ClientSession] = {}
        threading.Thread(target=self.loop.run_forever, name="bulk-wire", daemon=True).start()
        atexit.register(self.close)

    def close(self) -> None:
        """Closes the open connections at the end of the process that opened them."""
        if self.process == os.getpid():
            for session in self.sessions.values():
                asyncio.run_coroutine_threadsafe(session.close(), self.loop).result(1)

    def session(self, url: str) -> aiohttp.ClientSession:
        """The session for a URL: through the environment's proxies, or directly for loopback."""
        loopback = urlsplit(url).hostname in LOOPBACK
        found = self.sessions.get(loopback)
        if found is None:
            found = self.sessions[loopback] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_LIMIT),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "uContact-Wavy"},
                trust_env=not loopback,
            )
        return found


_guard = threading.Lock()
_loops: list[_Loop] = []


def _own_loop() -> _Loop:
    """The loop of this process; a forked worker begins its own."""
    with _guard:
        if not _loops or _loops[0].process != os.getpid():
            _loops[:] = [_Loop()]
        return _loops[0]


class BulkWire(Generic[K]):
    """Launches requests and collects their answers, each under its caller's key. One thread calls it."""

    def __init__(
        self, *, connect_timeout: float = CONNECT_TIMEOUT, read_timeout: float = READ_TIMEOUT
    ) -> None:
        self._own = _own_loop()
        self._patience = connect_timeout + 2 * read_timeout
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_timeout, sock_read=read_timeout
        )
        self._answers: deque[tuple[K, Answer | Lost]] = deque()
        self._arrived = threading.Event()
        self._enough = 1
        self.in_flight = 0

    def launch(self, requests: Iterable[tuple[K, Request]]) -> None:
        """Lets all of them leave at once."""
        ready = list(requests)
        if ready:
            self.in_flight += len(ready)
            self._own.loop.call_soon_threadsafe(self._start, ready)

    def collect(self, timeout: float, enough: int = 1) -> list[tuple[K, Answer | Lost]]:
        """What has come back; waits up to `timeout` seconds for the first, and a moment for `enough` of them."""
        self._enough = enough
        ends = time.monotonic() + timeout if self.in_flight else 0.0
        while len(self._answers) < min(enough, self.in_flight):
            left = ends - time.monotonic()
            if left <= 0 or not self._arrived.wait(min(left, GATHER_SECONDS) if self._answers else left):
                break
            self._arrived.clear()
        found = [self._answers.popleft() for _ in range(len(self._answers))]
        self.in_flight -= len(found)
        return found

    def _start(self, requests: list[tuple[K, Request]]) -> None:
        for key, request in requests:
            task = self._own.loop.create_task(self._one(key, request))
            task.add_done_callback(_keep.discard)
            _keep.add(task)

    async def _one(self, key: K, request: Request) -> None:
        answer = await self._exchange(request)
        self._answers.append((key, answer))
        if len(self._answers) == 1 or len(self._answers) >= self._enough:
            self._arrived.set()

    async def _exchange(self, request: Request) -> Answer | Lost:
        started = time.monotonic()
        try:
            session, url = self._own.session(request.url), URL(request.url)
            refuse_split_headers(request)
        except ValueError as error:
            log_request(request, started, lost=Lost.NOT_SENT, error=error)
            return Lost.NOT_SENT
        try:
            async with session.request(
                request.method,
                url,
                data=request.body,
                headers=request.headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                status, body = response.status, await _read(response, started + self._patience)
        except _FAILURES as error:
            lost = Lost.NOT_SENT if isinstance(error, _NEVER_LEFT) else Lost.UNKNOWN
            log_request(request, started, lost=lost, error=error)
            return lost
        if status == 200:
            return Answer(status, body)
        log_request(request, started, status=status)
        return Answer(status, body if 200 <= status < 300 else redact_bytes(body, request.secrets))


# The loop itself holds its tasks only weakly.
_keep: set[asyncio.Task[None]] = set()


async def _read(response: aiohttp.ClientResponse, deadline: float) -> bytes:
    """The body up to LARGEST_BODY. One that drips past the deadline is a time-out."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) >= LARGEST_BODY:
            response.close()
            break
        if time.monotonic() > deadline:
            raise TimeoutError("the answer did not end in time")
    return bytes(body[:LARGEST_BODY])
