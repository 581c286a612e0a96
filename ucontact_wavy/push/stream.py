"""One page's stream: what it is to be told, gathered for a moment, and a beat now and then."""

import asyncio
import random
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from providers.streams import Ticket

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEAT_SECONDS = 20.0  # shorter than what proxies allow a silent answer; the page answers by its presence
GATHER_SECONDS = 0.1  # what is routed and given to somebody at once is told as one
PATIENCE_SECONDS = 20.0  # for a reader that takes nothing; it is dropped then, and comes back
RETRY_MS = (1_000, 4_000)  # spread, so that not all come back at once
# What a page does at each; `changed` names the kinds of what changed.
CATCH_UP, DEAF = "catch-up", "deaf"


class Stream:
    """What waits to be told is a set of kinds, so a stream never holds more than a few, however much happens."""

    def __init__(self, ticket: Ticket) -> None:
        self.channels = ticket.channels()
        self.contact = str(ticket.contact)
        self.unheard = set(self.channels)  # not confirmed by Redis yet
        self.deaf = False
        self._waiting: set[str] = set()
        self._something = asyncio.Event()
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._told_at: dict[str, float] = {}

    def tell(self, kind: str) -> None:
        """Soon: `user`, `contact`, `queue` or `line` changed, or CATCH_UP, or DEAF."""
        self._waiting.add(kind)
        self._something.set()

    def tell_within(self, kind: str, seconds: float, apart: float) -> None:
        """At some moment within so many seconds, and so many after the last time; once, however often asked."""
        if kind in self._later:
            return
        loop = asyncio.get_running_loop()
        soon = loop.time() + random.uniform(0, seconds)  # noqa: S311 - no secret
        at = max(soon, self._told_at.get(kind, 0.0) + apart)

        def due() -> None:
            del self._later[kind]
            self._told_at[kind] = at
            self.tell(kind)

        self._later[kind] = loop.call_at(at, due)

    async def write(self, send: Send, seconds: float) -> None:
        """Writes events for so many seconds. Raises TimeoutError for a reader that takes nothing."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        # Pages that came together, as after a restart of ours, must not come back together for ever.
        beat = loop.time() + random.uniform(0, BEAT_SECONDS)  # noqa: S311 - no secret
        await _put(send, f"retry: {random.randint(*RETRY_MS)}\n\n")  # noqa: S311 - no secret
        while (now := loop.time()) < ends:
            if now >= beat:
                beat = now + BEAT_SECONDS
                await _put(send, _event("beat"))
            try:
                await asyncio.wait_for(self._something.wait(), beat - now)
            except TimeoutError:
                continue
            await asyncio.sleep(GATHER_SECONDS)
            await _put(send, self._gathered())

    def close(self) -> None:
        """Nothing is told any more."""
        for timer in self._later.values():
            timer.cancel()

    def _gathered(self) -> str:
        self._something.clear()
        told, self._waiting = self._waiting, set()
        events = [_event(name) for name in (DEAF, CATCH_UP) if name in told]
        if kinds := sorted(told - {DEAF, CATCH_UP}):
            events.append(_event("changed", " ".join(kinds)))
        return "".join(events)


def _event(name: str, data: str = "-") -> str:
    """An event without data would not be told by the browser."""
    return f"event: {name}\ndata: {data}\n\n"


async def _put(send: Send, text: str) -> None:
    body = {"type": "http.response.body", "body": text.encode(), "more_body": True}
    await asyncio.wait_for(send(body), PATIENCE_SECONDS)
