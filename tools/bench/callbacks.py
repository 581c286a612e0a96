"""How many callbacks are taken in, and how soon each is answered and applied at a steady rate."""

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psutil
import requests

from tools.bench import cpu, inbox
from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from tools.waiting import TooLateError, eventually, free_port
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.run import plan

CONNECTIONS = 32
ROUNDS = 3
ROUND_SECONDS = 8
WARM_UP_SECONDS = 2
RATE = 1_000
RATE_SECONDS, RATE_WARM_UP_SECONDS = 60, 5
PROBE_EVERY = 50  # a look at each message would be a load of its own
PROBE_SECONDS = 0.01
PROBE_PATIENCE_SECONDS = 15.0
MESSAGES = 30_000
REACHED = "SELECT correlation_id FROM providers_message WHERE correlation_id = ANY(%s) AND state >= %s"
BARE_TABLE = """
CREATE TABLE IF NOT EXISTS bench_bare (id bigserial PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL)
"""


def load(stage: Stage, url: str, name: str, *options: str) -> dict[str, Any]:
    """One run of the load generator over the bodies in a file of the stage."""
    done = subprocess.run(
        _generator(stage, url, name, *options), cwd=BASE_DIR, capture_output=True, check=False
    )
    return _told(done.returncode, done.stdout, done.stderr)


def _generator(stage: Stage, url: str, name: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "tools.bench.load", url, str(stage.folder / name), *options]


def _told(code: int | None, out: bytes, err: bytes) -> dict[str, Any]:
    if code:
        raise InstallationError(f"the load generator ended with {code}: {err.decode()[-2000:]}")
    told: dict[str, Any] = json.loads(out)
    return told


def not_200(*runs: dict[str, Any]) -> int:
    """How many requests were answered otherwise, or not at all."""
    return sum(n for run in runs for status, n in run["statuses"].items() if status != "200")


@contextmanager
def bare_server(stage: Stage) -> Iterator[tuple[psutil.Process, str]]:
    """The bare view on a port of its own, served as the product is; yields its process and its URL."""
    with stage.installation.database() as database:
        database.execute(BARE_TABLE)
    port = free_port()
    *arguments, _application = plan.web(port).arguments
    environ = stage.installation.whole_environment()
    with (stage.folder / "bare.log").open("wb") as log:
        process = subprocess.Popen(
            [*arguments, "tools.bench.bare_view:application"],
            cwd=BASE_DIR,
            env=environ,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/bare"
    try:
        eventually(lambda: _answers(url), 30, "the bare view")
        yield psutil.Process(process.pid), url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return requests.post(url, b"{}", timeout=2).ok
    except requests.ConnectionError:
        return False


def write_bodies(stage: Stage, name: str, messages: int, size: int = 1) -> None:
    """A file for the load generator: the statuses of so many messages."""
    with (stage.folder / name).open("wb") as file:
        file.writelines(one + b"\n" for one in inbox.bodies(messages, size))


@dataclass(slots=True)
class Side:
    """One of the two that take turns: what came of its rounds, and who used the CPU meanwhile."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    used: Counter[str] = field(default_factory=Counter)

    def rates(self) -> list[float]:
        return [run["per_second"] for run in self.runs]

    def microseconds(self) -> dict[str, int]:
        """Of CPU for one request, by program."""
        answered = sum(run["answered"] for run in self.runs)
        return {name: round(1e6 * seconds / answered) for name, seconds in self.used.most_common(4)}


def intake(stage: Stage) -> Iterator[Figure]:
    """One-item statuses as many as go, the drain at work beside it; in turn with the bare view."""
    messages = stage.rows(MESSAGES)
    inbox.fill(stage, messages)
    write_bodies(stage, "bodies", messages)
    url = inbox.status_url(stage)
    saturated = ("--connections", str(CONNECTIONS), "--seconds")
    seconds = str(max(2, round(ROUND_SECONDS * min(1, stage.scale))))
    ours, bare = Side(), Side()
    drained = []
    with bare_server(stage) as (server, bare_url):
        for address in (bare_url, url):
            load(stage, address, "bodies", *saturated, str(WARM_UP_SECONDS))
        inbox.until_empty(stage)
        for _ in range(ROUNDS):
            for side, address in ((bare, bare_url), (ours, url)):
                before = cpu.seconds(stage.installation, stage.wavy, server)
                side.runs.append(load(stage, address, "bodies", *saturated, seconds))
                ended = time.time()
                drained.append(inbox.until_empty(stage) - ended)
                side.used.update(cpu.spent(before, cpu.seconds(stage.installation, stage.wavy, server)))
    yield Figure(
        "callback_intake",
        statistics.median(ours.rates()),
        "callbacks/s",
        statistics.median(bare.rates()),
        (*at_least(ratio=0.8), *at_most(not_200=0)),
        {
            "rounds": ours.rates(),
            "bare_rounds": bare.rates(),
            "not_200": not_200(*ours.runs, *bare.runs),
            "p99_ms": max(run["p99_ms"] for run in ours.runs),
            "applied_after_seconds": round(max(drained), 2),
            "cpu_us": ours.microseconds(),
            "bare_cpu_us": bare.microseconds(),
        },
    )


def latency(stage: Stage) -> Iterator[Figure]:
    """One-item statuses at a steady rate, each due by the clock; of every 50th, when the ledger shows its state."""
    seconds = max(5, round(RATE_SECONDS * min(1, stage.scale)))
    count = RATE * (RATE_WARM_UP_SECONDS + seconds)
    inbox.fill(stage, count)
    with (stage.folder / "rate").open("wb") as file:
        file.writelines(inbox.body([inbox.item(n, "delivered")]) + b"\n" for n in range(count))
    begin = time.time() + 2
    options = {
        "rate": RATE,
        "warm-up": RATE_WARM_UP_SECONDS,
        "seconds": seconds,
        "begin": begin,
        "connections": 64,
    }
    flat = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    before = cpu.seconds(stage.installation, stage.wavy)
    with subprocess.Popen(
        _generator(stage, inbox.status_url(stage), "rate", *flat),
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as generator:
        applied = _until_applied(stage, begin, range(RATE * RATE_WARM_UP_SECONDS, count, PROBE_EVERY))
        told = _told(*_ended(generator))
    used = cpu.spent(before, cpu.seconds(stage.installation, stage.wavy))
    yield Figure(
        "callback_latency",
        told["p99_ms"],
        "ms",
        must=at_most(value=200, not_200=0, applied_p95_seconds=1),
        more={
            "rate": told["per_second"],
            "answered": told["answered"],
            "not_200": not_200(told) + abs(RATE * seconds - told["answered"]),
            **{name: told[name] for name in ("p50_ms", "p95_ms", "worst_ms")},
            "applied_p50_seconds": round(applied[len(applied) // 2], 3),
            "applied_p95_seconds": round(applied[int(len(applied) * 0.95)], 3),
            "applied_worst_seconds": round(applied[-1], 3),
            "cpu_seconds": used,
        },
    )


def _ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def _until_applied(stage: Stage, begin: float, probes: range) -> list[float]:
    """Seconds from the moment at which a message's callback was due until the ledger shows its state, in order."""
    due = {inbox.correlation_id(n): begin + n / RATE for n in probes}
    ahead = iter(due.items())
    pending: dict[UUID, float] = {}
    taken: list[float] = []
    upcoming = next(ahead, None)
    deadline = max(due.values()) + PROBE_PATIENCE_SECONDS
    with stage.installation.database() as database:
        while upcoming or pending:
            now = time.time()
            while upcoming and upcoming[1] <= now:
                pending[upcoming[0]] = upcoming[1]
                upcoming = next(ahead, None)
            for (key,) in database.execute(REACHED, [list(pending), inbox.STATE["delivered"]]).fetchall():
                taken.append(time.time() - pending.pop(key))
            if now > deadline:
                raise TooLateError(
                    f"{len(pending)} statuses are not applied after {PROBE_PATIENCE_SECONDS} s"
                )
            time.sleep(PROBE_SECONDS)
    return sorted(taken)
