"""How fast callbacks are taken in, how soon they are answered and applied, and how many items a second are applied."""

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

import psutil
import requests

from tools.bench import cpu, inbox
from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from tools.waiting import eventually, free_port
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.run import plan

CONNECTIONS = 32
ROUNDS = 3
ROUND_SECONDS = 8
WARM_UP_SECONDS = 2
MESSAGES = 30_000
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
