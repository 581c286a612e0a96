"""What happens later: a timer wheel, because a timer of the event loop for each message is too dear."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

TICK = 0.02

Entry = tuple[Callable[..., None], tuple[Any, ...]]


class Wheel:
    """Calls functions after a delay, rounded up to 20 ms, in the order in which they fall due."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.buckets: dict[int, list[Entry]] = {}
        self.done = int(now() / TICK)
        self.waiting = 0

    def after(self, seconds: float, call: Callable[..., None], *arguments: Any) -> None:
        tick = max(int((self.now() + seconds) / TICK), self.done) + 1
        self.buckets.setdefault(tick, []).append((call, arguments))
        self.waiting += 1

    def advance(self) -> None:
        """Runs whatever is due now."""
        current = int(self.now() / TICK)
        if not self.buckets:
            self.done = max(self.done, current)
        while self.done < current:
            self.done += 1
            self._run(self.done)

    def run_all(self) -> None:
        """Runs everything that waits, due or not, and whatever that brings about, in order."""
        while self.buckets:
            self._run(min(self.buckets))

    def clear(self) -> None:
        self.buckets.clear()
        self.waiting = 0

    def _run(self, tick: int) -> None:
        for call, arguments in self.buckets.pop(tick, ()):
            self.waiting -= 1
            call(*arguments)

    async def turn(self, also: Callable[[], None]) -> None:
        """Turns until cancelled; `also` is called once a tick."""
        while True:
            await asyncio.sleep(TICK)
            self.advance()
            also()
