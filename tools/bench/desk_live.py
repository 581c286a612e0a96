"""How soon a customer's message is on the page of the agent who has the conversation open."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from tools.bench import callbacks, cpu, inbox
from tools.bench.figures import Figure, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from ucontact_wavy.boot import BASE_DIR

AGENTS = 200
RATE = 50
SECONDS, WARM_UP_SECONDS = 30, 3
SETTLE_SECONDS = 5.0
OPENING_SECONDS = 40.0  # for all the pages, before anything is measured


def run(stage: Stage) -> Iterator[Figure]:
    """Open pages with their streams, and customers who write at a steady rate, each due by the clock."""
    agents = _agents(stage, stage.rows(AGENTS))
    seconds = max(5, round(SECONDS * min(1, stage.scale)))
    count = RATE * (WARM_UP_SECONDS + seconds)
    begin = time.time() + OPENING_SECONDS * max(0.25, min(1, stage.scale))
    with (stage.folder / "said").open("wb") as file:
        said = (_said(agents[n % len(agents)]["number"], n, begin + n / RATE) for n in range(count))
        file.writelines(one + b"\n" for one in said)
    until = begin + WARM_UP_SECONDS + seconds + SETTLE_SECONDS
    with _at_their_desks(stage, until) as desks:
        _until_ready(desks)
        before = cpu.seconds(stage.installation, stage.wavy)
        load = callbacks.load(
            stage,
            _message_url(stage),
            "said",
            *("--rate", str(RATE), "--warm-up", str(WARM_UP_SECONDS), "--seconds", str(seconds)),
            *("--begin", str(begin), "--connections", "16"),
        )
        used = cpu.spent(before, cpu.seconds(stage.installation, stage.wavy))
        told = _told(desks)
    yield _figure(load, told, {n: begin + n / RATE for n in range(RATE * WARM_UP_SECONDS, count)}, used)


def _figure(
    load: dict[str, Any], told: dict[str, Any], due: dict[int, float], used: dict[str, float]
) -> Figure:
    seen = {int(n): at for n, at in told["seen"].items()}
    took = sorted(seen[n] - at for n, at in due.items() if n in seen) or [float("inf")]
    return Figure(
        "desk_live",
        took[int(len(took) * 0.95)],
        "s",
        must=at_most(value=1, never_seen=0, intake_p99_ms=200, not_200=0),
        more={
            "messages": len(due),
            "never_seen": len(due) - len(took),
            "p50_seconds": round(took[len(took) // 2], 3),
            "p99_seconds": round(took[int(len(took) * 0.99)], 3),
            "worst_seconds": round(took[-1], 3),
            "intake_p99_ms": load["p99_ms"],
            "not_200": callbacks.not_200(load),
            "fetched": told["fetched"],
            "events": told["events"],
            "cpu_seconds": used,
        },
    )


def _agents(stage: Stage, count: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.desk_scene", str(count)],
        cwd=BASE_DIR,
        env=stage.installation.whole_environment(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr.decode()[-2000:])
    (stage.folder / "agents").write_bytes(done.stdout)
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def _said(number: str, n: int, at: float) -> bytes:
    """The callback of one message, as Wavy writes it."""
    message = {"type": "TEXT", "messageText": f"live-{n}"}
    item = {
        "id": f"live-{n}",
        "source": number,
        "origin": "5511900000001",
        "userProfile": {"name": "Customer"},
        "correlationId": "",
        "message": message,
        "receivedAt": int(1000 * at),
    }
    return inbox.body([item])


def _message_url(stage: Stage) -> str:
    address: str = inbox.provider_of(stage)["message_callback_url"]
    return stage.installation.url + address[address.index("/Integra") :]


def _at_their_desks(stage: Stage, until: float) -> subprocess.Popen[bytes]:
    file = str(stage.folder / "agents")
    return subprocess.Popen(
        [sys.executable, "-m", "tools.bench.agents", stage.installation.url, file, "--until", str(until)],
        cwd=BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _until_ready(desks: subprocess.Popen[bytes]) -> None:
    if desks.stdout is None or desks.stdout.readline() != b"ready\n":
        _, errors = desks.communicate()
        raise InstallationError(f"the agents did not come to their desks: {errors.decode()[-2000:]}")


def _told(desks: subprocess.Popen[bytes]) -> dict[str, Any]:
    out, errors = desks.communicate(timeout=60)
    if desks.returncode:
        raise InstallationError(f"the agents left their desks: {errors.decode()[-2000:]}")
    told: dict[str, Any] = json.loads(out)
    return told
