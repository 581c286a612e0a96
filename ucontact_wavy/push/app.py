"""The push process as an ASGI application: `/push/?ticket=…` streams, `/healthz` says that it is up."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.core.signing import BadSignature

from providers.streams import TICKET_HOURS, unseal
from ucontact_wavy.push.hub import Hub
from ucontact_wavy.push.origins import may_listen
from ucontact_wavy.push.stream import Send, Stream

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
PATH = "/push/"
STREAM = {"content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no"}
PLAIN = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}


class Push:
    """One process's streams. `secret` signed the tickets, `public_url` is the pages' address."""

    def __init__(self, redis_url: str, secret: str, public_url: str) -> None:
        self.hub = Hub(redis_url)
        self.secret = secret
        self.public_url = public_url
        self.listening: asyncio.Task[None] | None = None
        self.writers: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.listening = asyncio.ensure_future(self.hub.run())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                for task in [*self.writers, *([self.listening] if self.listening else [])]:
                    task.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if scope["path"] == "/healthz":
            await _say(send, 200, "ok\n")
        elif scope["path"] != PATH:
            await _say(send, 404, "There is nothing here.\n")
        elif scope["method"] != "GET":
            await _say(send, 405, "A stream is asked for with GET.\n", allow="GET")
        elif not may_listen(origin, headers.get("host", ""), self.public_url):
            await _say(send, 403, "Pages of other sites may not listen.\n")
        else:
            await self._open(scope, receive, send, origin)

    async def _open(self, scope: Scope, receive: Receive, send: Send, origin: str) -> None:
        allowed = {"access-control-allow-origin": origin, "vary": "origin"} if origin else {}
        query = parse_qs(scope["query_string"].decode("latin-1"))
        try:
            stream = Stream(unseal(query.get("ticket", [""])[0], self.secret))
        except BadSignature:
            await _say(send, 403, "This ticket is not valid, or not any more.\n", **allowed)
            return
        await _begin(send, 200, STREAM | allowed)
        self.hub.add(stream)
        try:
            await self._until_gone(stream, receive, send)
        finally:
            self.hub.remove(stream)

    async def _until_gone(self, stream: Stream, receive: Receive, send: Send) -> None:
        """Writes until the reader goes, takes nothing any more, or its ticket is too old."""
        writing = asyncio.ensure_future(stream.write(send, TICKET_HOURS * 3600))
        leaving = asyncio.ensure_future(_left(receive))
        self.writers.add(writing)
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.writers.discard(writing)
            leaving.cancel()
            writing.cancel()
        with suppress(asyncio.CancelledError, TimeoutError, OSError):
            await writing
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _begin(send: Send, status: int, headers: dict[str, str]) -> None:
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


async def _say(send: Send, status: int, text: str, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    await _begin(send, status, PLAIN | named)
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})
