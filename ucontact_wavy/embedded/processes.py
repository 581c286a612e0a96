"""Other processes of this machine, as far as the embedded servers must know them."""

import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from ucontact_wavy.embedded.errors import EmbeddedError

POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Process:
    """One process, told from a later one with the same pid by its start time."""

    pid: int
    handle: psutil.Process = field(compare=False)

    def lives(self) -> bool:
        """Whether it still runs; one that ended and waits for its parent does not."""
        try:
            return bool(self.handle.is_running() and self.handle.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def is_postgres_in(self, folder: Path) -> bool:
        """Whether it is a live PostgreSQL process whose data are in `folder`."""
        try:
            named = self.handle.name().startswith("postgres")
            return bool(named and self.lives() and Path(self.handle.cwd()).resolve() == folder.resolve())
        except psutil.Error:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal; one that is gone already is fine. Raises EmbeddedError for another user's."""
        try:
            self.handle.send_signal(number)
        except psutil.NoSuchProcess:
            return
        except psutil.AccessDenied as error:
            raise EmbeddedError(
                f"Process {self.pid} belongs to another user. End it, or start as them."
            ) from error


def find(pid: int) -> Process | None:
    """The process with this pid, if there is one."""
    try:
        return Process(pid, psutil.Process(pid))
    except (psutil.NoSuchProcess, ValueError):
        return None


def all_postgres_in(folder: Path) -> list[Process]:
    """Every live PostgreSQL process whose data are in `folder`."""
    found = [Process(handle.pid, handle) for handle in psutil.process_iter()]
    return [process for process in found if process.is_postgres_in(folder)]


def wait_for_end(processes: Sequence[Process], seconds: float) -> list[Process]:
    """Wait until they end, at most so long; returns those that did not.

    Not psutil's own wait: one that ended counts, also while its parent has not taken notice of it yet.
    """
    until = time.monotonic() + seconds
    alive = [process for process in processes if process.lives()]
    while alive and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        alive = [process for process in alive if process.lives()]
    return alive


def all_with_environment(values: Mapping[str, str], mark: str) -> list[Process]:
    """Every other process whose environment has these values and some value for `mark`."""
    found = []
    for handle in psutil.process_iter():
        try:
            environ = handle.environ()
        except psutil.Error:
            continue
        if mark in environ and values.items() <= environ.items():
            found.append(Process(handle.pid, handle))
    return found
