"""How many status items a second are applied, and how soon a callback of ten thousand is."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

from tools.bench import cpu, inbox
from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from ucontact_wavy.boot import BASE_DIR

MESSAGES = 100_000  # three items each
SIZE = 100
SAVES = 2_000
LARGE = 10_000
LARGE_ROUNDS = 5
WARM_UP = 200


def apply(stage: Stage) -> Iterator[Figure]:
    """An inbox full of callbacks of 100 items, from the wake-up until nothing waits; one ORM save an item beside it."""
    messages, saves = stage.rows(MESSAGES), stage.rows(SAVES)
    inbox.fill(stage, messages + saves + WARM_UP)
    _post(stage, inbox.body([inbox.item(messages + saves + n, "sent") for n in range(WARM_UP)]))
    inbox.until_empty(stage)
    saved = _saves(stage, messages, saves)
    waiting = list(inbox.bodies(messages, SIZE))
    before = cpu.seconds(stage.installation, stage.wavy)
    inbox.store(stage, waiting)
    begun = time.time()
    _post(stage, b"[]")
    seconds = inbox.until_empty(stage) - begun
    used = cpu.spent(before, cpu.seconds(stage.installation, stage.wavy))
    items = messages * len(inbox.STAGES)
    yield Figure(
        "callback_apply",
        items / seconds,
        "items/s",
        saved["saves"] / saved["seconds"],
        at_least(value=20_000, ratio=5, read=messages),
        {
            "items": items,
            "callbacks": len(waiting),
            "read": inbox.reached(stage, "read"),
            "seconds": round(seconds, 2),
            "cpu_seconds": used,
            "cpu_us": {name: round(1e6 * n / items, 1) for name, n in used.items()},
        },
    )


def _saves(stage: Stage, first: int, count: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.orm_saves", str(first), str(count)],
        cwd=BASE_DIR,
        env=stage.installation.whole_environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr.decode()[-2000:])
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _post(stage: Stage, body: bytes) -> float:
    """Posts one callback of statuses; seconds until its answer, which must be a 200."""
    headers = {"Content-Type": "application/json"}
    begun = time.perf_counter()
    answer = requests.post(inbox.status_url(stage), body, headers=headers, timeout=60)
    answer.raise_for_status()
    return time.perf_counter() - begun


def large(stage: Stage) -> Iterator[Figure]:
    """Five callbacks of ten thousand items, one after the other is applied; the slowest of each counts."""
    size = stage.rows(LARGE)
    inbox.fill(stage, size * LARGE_ROUNDS)
    _post(stage, inbox.body([inbox.item(0, "sent")]))
    inbox.until_empty(stage)
    answered, applied, length = [], [], 0
    for number in range(LARGE_ROUNDS):
        body = inbox.body([inbox.item(number * size + n, "delivered") for n in range(size)])
        begun, length = time.time(), len(body)
        answered.append(1000 * _post(stage, body))
        applied.append(inbox.until_empty(stage) - begun)
    yield Figure(
        "callback_large",
        max(answered),
        "ms",
        must=(*at_most(value=200, applied_seconds=2), *at_least(delivered=size * LARGE_ROUNDS)),
        more={
            "items": size,
            "bytes": length,
            "answered_ms": [round(one, 1) for one in answered],
            "applied_seconds": round(max(applied), 2),
            "applied_each": [round(one, 2) for one in applied],
            "delivered": inbox.reached(stage, "delivered"),
        },
    )
