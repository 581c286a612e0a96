"""A small HTTP/1.1 server on asyncio; it can also break a connection on purpose, which is why it is our own."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import unquote

from simulator.wire import Reply, Request, error_reply

MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus} | {420: "Message Is Rate Limited"}

Handle = Callable[[Request], Reply | Awaitable[Reply]]


class _UnreadableError(ValueError):
    """The peer does not speak HTTP as we read it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def _parse_head(head: bytes) -> tuple[Request, int, bool]:
    """Request without its body, the body's length in bytes, and whether the connection stays open."""
    lines = head.split(b"\r\n")
    try:
        method, target, version = lines[0].decode("ascii").split(" ")
    except ValueError as error:
        raise _UnreadableError(400, "The request line cannot be read.") from error
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    if b"transfer-encoding" in headers:
        raise _UnreadableError(411, "Send Content-Length; chunked bodies are not read.")
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        raise _UnreadableError(400, "Content-Length must be a number.")
    if int(length) > MAX_BODY:
        raise _UnreadableError(413, "The body is too long.")
    asked = headers.get(b"connection", b"").lower()
    stays = asked != b"close" if version == "HTTP/1.1" else asked == b"keep-alive"
    path, _, query = target.partition("?")
    return Request(method, unquote(path), query, headers, b""), int(length), stays


class Connection(asyncio.Protocol):
    """One client; requests are answered in their order, one at a time."""

    def __init__(self, handle: Handle, live: set[Connection]) -> None:
        self.handle = handle
        self.live = live
        self.buffer = bytearray()
        self.busy = False
        self.stays = True
        self.waiting: tuple[Request, int] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self.transport = transport
        self.live.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.live.discard(self)
        self.busy = True
        if self.timer:
            self.timer.cancel()
        if self.task:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._advance()

    def _advance(self) -> None:
        while not self.busy:
            try:
                request = self._next()
            except _UnreadableError as error:
                self.stays = False
                self._write(error_reply(error.status, str(error)))
                return
            if request is None:
                return
            self._serve(request)

    def _next(self) -> Request | None:
        if self.waiting is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self.buffer) > MAX_HEAD:
                    raise _UnreadableError(431, "The headers are too long.")
                return None
            request, length, self.stays = _parse_head(bytes(self.buffer[:end]))
            del self.buffer[: end + 4]
            self.waiting = (request, length)
            if length > len(self.buffer) and request.headers.get(b"expect", b"").lower() == b"100-continue":
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request, length = self.waiting
        if len(self.buffer) < length:
            return None
        request.body = bytes(self.buffer[:length])
        del self.buffer[:length]
        self.waiting = None
        return request

    def _serve(self, request: Request) -> None:
        result = self.handle(request)
        if isinstance(result, Reply):
            self._answer(result)
        else:
            self.busy = True
            self.task = asyncio.get_running_loop().create_task(self._answer_later(result))

    async def _answer_later(self, result: Awaitable[Reply]) -> None:
        reply = await result
        self.busy = False
        self._answer(reply)
        self._advance()

    def _answer(self, reply: Reply) -> None:
        if reply.delay > 0:
            self.busy = True
            self.timer = asyncio.get_running_loop().call_later(reply.delay, self._finish, reply)
        else:
            self._write(reply)

    def _finish(self, reply: Reply) -> None:
        self.busy = False
        self._write(reply)
        self._advance()

    def _write(self, reply: Reply) -> None:
        if reply.act == "reset":
            self._reset()
            return
        ending = "" if self.stays else "Connection: close\r\n"
        head = (
            f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Unknown')}\r\n"
            f"Content-Type: {reply.content_type}\r\nContent-Length: {len(reply.body)}\r\n{reply.extra}{ending}\r\n"
        )
        self.transport.write(head.encode("latin-1") + reply.body)
        if not self.stays:
            self.busy = True
            self.transport.close()

    def _reset(self) -> None:
        self.busy = True
        connection = self.transport.get_extra_info("socket")
        # A linger of zero seconds makes the kernel send RST instead of FIN.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
