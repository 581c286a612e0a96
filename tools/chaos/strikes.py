"""kill -9 of what a run needs, and what was in flight at that moment."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import psutil
import requests

from tools.chaos.plan import Strike, StrikeKind
from tools.installation import Installation
from tools.waiting import eventually
from tools.wavy import Wavy
from ucontact_wavy.embedded import redis_server
from ucontact_wavy.embedded.processes import Process, all_postgres_in, wait_for_end
from ucontact_wavy.run.child import MARK

SENDERS = ("bases", "replies")
RECOVERY_SECONDS = 90.0
SETTLE_SECONDS = 0.05  # what was just being committed when the workers were stopped

IN_FLIGHT = "SELECT count(*) FROM providers_message WHERE state = 20"
RUNNING = "SELECT count(*) FROM dialers_base WHERE state = 'running'"


@dataclass(frozen=True, slots=True)
class Struck:
    """A strike that was done: messages in flight and bases running at that moment.

    `ready_seconds` went by until the installation said that it was ready, `sending_seconds` until messages left.
    """

    kind: StrikeKind
    taken: int
    in_flight: int
    running: int
    ready_seconds: float
    sending_seconds: float

    def told(self) -> dict[str, Any]:
        return asdict(self)


def strike(installation: Installation, wavy: Wavy, planned: Strike, taken: int) -> Struck:
    """Does it and waits until messages leave again. Raises TooLateError when it does not recover."""
    with _stopped(_marked(installation, *SENDERS)):
        time.sleep(SETTLE_SECONDS)
        with installation.database() as database:
            in_flight = _number(database.execute(IN_FLIGHT).fetchone())
            running = _number(database.execute(RUNNING).fetchone())
        begun = time.monotonic()
        _kill(installation, planned.kind)
    before = wavy.totals()["accepted"]
    if planned.kind == "everything":
        installation.start()
    eventually(lambda: is_ready(installation), RECOVERY_SECONDS, f"ready after {planned.kind}")
    ready = round(time.monotonic() - begun, 1)
    eventually(
        lambda: wavy.totals()["accepted"] > before or not _bases_run(installation),
        RECOVERY_SECONDS,
        f"sends after {planned.kind}",
    )
    return Struck(planned.kind, taken, in_flight, running, ready, round(time.monotonic() - begun, 1))


def _number(row: tuple[Any, ...] | None) -> int:
    return int(row[0]) if row else 0


def is_ready(installation: Installation) -> bool:
    """Whether its web process, database, Redis and a worker answer."""
    try:
        return requests.get(f"{installation.url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def _bases_run(installation: Installation) -> bool:
    """Whether anything is left that should leave."""
    with installation.database() as database:
        return _number(database.execute(RUNNING).fetchone()) > 0


def _marked(installation: Installation, *names: str) -> list[psutil.Process]:
    """All processes of these programs, each with what it started."""
    found = []
    for process in installation.processes():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARK) in names:
                found.append(process)
    return found


@contextlib.contextmanager
def _stopped(processes: list[psutil.Process]) -> Iterator[None]:
    """They stand still for the length of the block, so that nothing leaves between the count and the kill."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


def _kill(installation: Installation, kind: StrikeKind) -> None:
    if kind == "everything":
        installation.kill_everything()
    elif kind == "postgres":
        _end([*all_postgres_in(installation.layout().data)])
    elif kind == "redis":
        with redis_server.client(installation.layout()) as connection:
            pid = int(connection.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
    elif kind == "flush":
        with redis_server.client(installation.layout()) as connection:
            connection.flushall()
    elif kind == "one worker":
        # A child of the pool: its parent goes on and starts another one.
        pool = [one for one in _marked(installation, "bases") if _is_child(one)]
        _end([Process(one.pid, one) for one in pool[:1]])
    else:
        names = ("bases", "callbacks", "replies", "media") if kind == "workers" else ("web",)
        _end([Process(one.pid, one) for one in _marked(installation, *names)])


def _is_child(process: psutil.Process) -> bool:
    """Whether its parent is a process of the same program."""
    with contextlib.suppress(psutil.Error):
        parent = process.parent()
        return parent is not None and parent.environ().get(MARK) == process.environ().get(MARK)
    return False


def _end(processes: list[Process]) -> None:
    for process in processes:
        process.send(signal.SIGKILL)
    wait_for_end(processes, 10)
