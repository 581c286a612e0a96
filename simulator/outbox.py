"""Callbacks on their way out: gathered in bulk, tried again when they fail, bounded in number."""

from __future__ import annotations

import asyncio
import heapq
import json
from collections import Counter, deque
from collections.abc import Callable
from typing import Literal, NamedTuple
from urllib.parse import urlencode

from simulator.client import CallFailedError, call
from simulator.faults import Faults
from simulator.messages import CLIENT_INFO, as_strings
from simulator.wire import Json

Kind = Literal["message", "status", "report"]
MAX_PENDING = 500_000
LONGEST_RETRY_S = 30.0

Build = Callable[[], Json]


class Route(NamedTuple):
    """Where items of one sort go: their kind, our number, and the shape in which they travel."""

    kind: Kind
    origin: str
    shape: Literal["bulk", "bare", "query"] = "bulk"


class Batch:
    """Items that travel together in one call."""

    __slots__ = ("attempts", "items", "route")

    def __init__(self, route: Route, items: list[Build]) -> None:
        self.route = route
        self.items = items
        self.attempts = 0


class Lane:
    """What waits on one route."""

    __slots__ = ("flying", "items", "ready", "since")

    def __init__(self) -> None:
        self.items: deque[Build] = deque()
        self.ready: deque[Batch] = deque()
        self.since = 0.0
        self.flying = 0


class Outbox:
    """Keeps what is to be called back until a URL is set and the other side has answered 200."""

    def __init__(self, faults: Faults, counter: Counter[str], url_for: Callable[[Route], str]) -> None:
        self.faults = faults
        self.counter = counter
        self.url_for = url_for
        self.lanes: dict[Route, Lane] = {}
        self.retries: list[tuple[float, int, Batch]] = []
        self.tries = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.pending = 0

    def add(self, route: Route, build: Build) -> None:
        """Queues one item; the oldest is dropped, and counted, when too many wait."""
        lane = self.lanes.setdefault(route, Lane())
        if not lane.items:
            lane.since = asyncio.get_running_loop().time()
        lane.items.append(build)
        self.pending += 1
        if self.pending > MAX_PENDING:
            lane.items.popleft()
            self.pending -= 1
            self.counter["dropped"] += 1

    def hurry(self) -> None:
        """What waits for its next try is tried at the next pump."""
        while self.retries:
            batch = heapq.heappop(self.retries)[2]
            self.lanes[batch.route].ready.append(batch)

    def pump(self, force: bool = False) -> None:
        """Starts whatever calls may start now; `force` does not wait for items to gather."""
        now = asyncio.get_running_loop().time()
        while self.retries and self.retries[0][0] <= now:
            batch = heapq.heappop(self.retries)[2]
            self.lanes[batch.route].ready.append(batch)
        for route, lane in self.lanes.items():
            if (lane.items or lane.ready) and self.url_for(route):
                self._pump_lane(route, lane, force or now - lane.since >= self.faults.gather_ms / 1000)

    def _pump_lane(self, route: Route, lane: Lane, gathered: bool) -> None:
        size = 1 if route.shape != "bulk" or self.faults.callback_shape == "object" else self.faults.batch
        while lane.flying < self.faults.connections:
            if lane.ready:
                batch = lane.ready.popleft()
            elif lane.items and (gathered or len(lane.items) >= size):
                batch = Batch(route, [lane.items.popleft() for _ in range(min(size, len(lane.items)))])
            else:
                return
            self._start(batch, lane)

    def send_now(self, route: Route, builds: list[Build]) -> asyncio.Task[None] | None:
        """One call at once, past the queue; None when there is no URL, then the items are queued."""
        if not self.url_for(route):
            for build in builds:
                self.add(route, build)
            return None
        self.pending += len(builds)
        return self._start(Batch(route, builds), self.lanes.setdefault(route, Lane()))

    def _start(self, batch: Batch, lane: Lane) -> asyncio.Task[None]:
        lane.flying += 1
        task = asyncio.get_running_loop().create_task(self._deliver(batch, lane))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def _deliver(self, batch: Batch, lane: Lane) -> None:
        batch.attempts += 1
        self.counter["calls"] += 1
        try:
            status = await self._call(batch)
        except TimeoutError:
            self.counter["timed_out"] += 1
            status = 0
        except (OSError, CallFailedError):
            self.counter["unreachable"] += 1
            status = 0
        finally:
            lane.flying -= 1
        if status == 200:
            self.counter["answered_200"] += 1
            self.counter["items"] += len(batch.items)
            self.pending -= len(batch.items)
        else:
            self.counter["answered_other"] += status != 0
            self._retry(batch)

    def _retry(self, batch: Batch) -> None:
        if batch.attempts > self.faults.retries:
            self.counter["given_up"] += len(batch.items)
            self.pending -= len(batch.items)
            return
        self.counter["retried"] += 1
        wait = min(self.faults.retry_ms / 1000 * 2 ** (batch.attempts - 1), LONGEST_RETRY_S)
        self.tries += 1
        heapq.heappush(self.retries, (asyncio.get_running_loop().time() + wait, self.tries, batch))

    async def _call(self, batch: Batch) -> int:
        url = self.url_for(batch.route)
        if not url:
            raise CallFailedError("the URL was taken away")
        faults = self.faults
        items = [build() for build in batch.items]
        timeout = faults.timeout_ms / 1000
        if batch.route.shape == "query":
            flat = {key: value for key, value in items[0].items() if not isinstance(value, dict)}
            separator = "&" if "?" in url else "?"
            return await call("GET", f"{url}{separator}{urlencode(flat)}", b"", timeout_s=timeout)
        data = items[0] if batch.route.shape == "bare" else self._shaped(items)
        if faults.numbers_as_strings:
            data = as_strings(data)
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        return await call("POST", url, body, timeout_s=timeout, slow_s=faults.slow_ms / 1000)

    def _shaped(self, items: list[Json]) -> Json | list[Json]:
        if self.faults.callback_shape == "object":
            return items[0]
        if self.faults.callback_shape == "array":
            return items
        envelope: Json = {"total": len(items), "data": items, "clientInfo": CLIENT_INFO}
        if self.faults.newer_fields:
            envelope["ConversationID"] = items[0].get("id")
        return envelope

    async def stop(self) -> None:
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def clear(self) -> None:
        """Forgets what waits; what is under way is cancelled."""
        for task in list(self.tasks):
            task.cancel()
        self.lanes.clear()
        self.retries.clear()
        self.pending = 0
