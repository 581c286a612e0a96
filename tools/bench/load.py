"""The load generator for callbacks, a process of its own: as many as it can, or so many a second whatever happens.

`python -m tools.bench.load URL FILE` posts the lines of FILE, over again when they are used up, and prints one JSON
object. At a rate it is an open loop: a request is due by the clock, not by the answer to the one before, and its
latency counts from the moment at which it was due.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
TICK_SECONDS = 0.001
PATIENCE_SECONDS = 30.0  # for the last answers
BROKEN = 0  # the status of a request whose connection broke


@dataclass(slots=True)
class Told:
    """What came back: how often each status, and the latencies in seconds of what was due after the warm-up."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    first: float = 0.0
    last: float = 0.0

    def as_json(self) -> str:
        ordered = sorted(self.latencies)
        share = {f"p{n}_ms": 1000 * ordered[int(len(ordered) * n / 100)] for n in (50, 95, 99) if ordered}
        worst = {"worst_ms": 1000 * ordered[-1]} if ordered else {}
        rounded = {name: round(value, 2) for name, value in (share | worst).items()}
        answered = sum(self.statuses.values())
        seconds = self.last - self.first
        rate = {"seconds": round(seconds, 3), "per_second": round(answered / seconds, 1) if seconds else 0}
        return json.dumps({"statuses": self.statuses, "answered": answered, **rate, **rounded})


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one request under way."""

    def __init__(self, done: Callable[["Connection", float, int], None]) -> None:
        self.done = done
        self.transport: asyncio.Transport | None = None
        self.due = 0.0
        self.busy = False
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def send(self, request: bytes, due: float) -> None:
        self.due, self.busy = due, True
        if self.transport is None or self.transport.is_closing():
            self._end(BROKEN)
        else:
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(HEAD_END)
        length = LENGTH.search(head)
        if end and (len(body) >= int(length[1]) if length else body.endswith(LAST_CHUNK)):
            self.received = b""
            self._end(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self.busy:
            self._end(BROKEN)

    def _end(self, status: int) -> None:
        self.busy = False
        self.done(self, self.due, status)


class Load:
    """Posts bodies to one address over a fixed number of connections."""

    def __init__(self, url: str, bodies: list[bytes], connections: int) -> None:
        self.where = urlsplit(url)
        self.requests: Iterator[bytes] = cycle(self._request(body) for body in bodies)
        self.connections = connections
        self.told = Told()
        self.counts_from = 0.0

    def _request(self, body: bytes) -> bytes:
        where = self.where
        head = (
            f"POST {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _open(self, done: Callable[[Connection, float, int], None]) -> list[Connection]:
        loop = asyncio.get_running_loop()
        host, port = self.where.hostname or "127.0.0.1", self.where.port or 80
        opened = [
            await loop.create_connection(lambda: Connection(done), host, port)
            for _ in range(self.connections)
        ]
        return [connection for _, connection in opened]

    def _note(self, due: float, status: int) -> None:
        now = time.time()
        if due >= self.counts_from:
            self.told.first = self.told.first or due
            self.told.last = now
            self.told.statuses[status] += 1
            self.told.latencies.append(now - due)

    async def saturate(self, seconds: float) -> Told:
        """Every connection sends its next request as soon as the last one is answered."""
        ends = time.time() + seconds
        under_way = self.connections
        over = asyncio.Event()

        def done(connection: Connection, due: float, status: int) -> None:
            nonlocal under_way
            self._note(due, status)
            now = time.time()
            if now < ends and status != BROKEN:
                connection.send(next(self.requests), now)
                return
            under_way -= 1
            if not under_way:
                over.set()

        for connection in await self._open(done):
            connection.send(next(self.requests), time.time())
        await asyncio.wait_for(over.wait(), seconds + PATIENCE_SECONDS)
        return self.told

    async def at_rate(self, rate: float, warm_up: float, seconds: float, begin: float) -> Told:
        """Request n is due at `begin` + n / `rate` (epoch seconds), answered or not what went before."""
        idle: deque[Connection] = deque()
        waiting: deque[float] = deque()

        def done(connection: Connection, due: float, status: int) -> None:
            self._note(due, status)
            if waiting and status != BROKEN:
                connection.send(next(self.requests), waiting.popleft())
            else:
                idle.append(connection)

        idle.extend(await self._open(done))
        self.counts_from = begin + warm_up
        total = int(rate * (warm_up + seconds))
        asked = 0
        while asked < total:
            while asked < total and (due := begin + asked / rate) <= time.time():
                asked += 1
                if idle:
                    idle.popleft().send(next(self.requests), due)
                else:
                    waiting.append(due)
            await asyncio.sleep(TICK_SECONDS)
        ends = time.time() + PATIENCE_SECONDS
        while len(idle) < self.connections and time.time() < ends:
            await asyncio.sleep(0.01)
        self.told.statuses[BROKEN] += len(waiting) + self.connections - len(idle)
        self.told.statuses += Counter()
        return self.told


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench.load", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("file", type=Path)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=0, help="requests a second; 0: as many as possible")
    parser.add_argument("--warm-up", type=float, default=0)
    parser.add_argument("--begin", type=float, default=0, help="epoch seconds at which the first one is due")
    options = parser.parse_args()
    load = Load(options.url, options.file.read_bytes().splitlines(), options.connections)
    begin = options.begin or time.time() + 0.5
    told = asyncio.run(
        load.at_rate(options.rate, options.warm_up, options.seconds, begin)
        if options.rate
        else load.saturate(options.seconds)
    )
    sys.stdout.write(told.as_json())


if __name__ == "__main__":
    main()
