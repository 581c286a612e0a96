"""One process that is kept running: started, followed, restarted when it dies, stopped."""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from ucontact_wavy.run.console import Console
from ucontact_wavy.run.leash import leash

MARK = "UCONTACT_WAVY_CHILD"
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """A command line under a short name, and the variables that it alone gets."""

    name: str
    arguments: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)


def spawn(program: Program, *, errors: int = subprocess.STDOUT) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, out of a Ctrl-C's reach, tied to this process.

    Call it from the main thread: the tie is to the thread that starts it.
    """
    return subprocess.Popen(
        program.arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**os.environ, **program.environ, MARK: program.name, "PYTHONUNBUFFERED": "1"},
        process_group=0,
        preexec_fn=leash(),
    )


class Child:
    """A program kept running. Times are seconds of a monotonic clock."""

    def __init__(self, program: Program, console: Console) -> None:
        self.program = program
        self.console = console
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.due = 0.0
        self.pause = FIRST_PAUSE_SECONDS

    def tend(self, now: float) -> None:
        """Start it if it is due; notice that it died, and plan its return, later with each quick death."""
        if self.process is None:
            if now >= self.due:
                self.start(now)
            return
        status = self.process.poll()
        if status is None:
            return
        self.signal(signal.SIGKILL)
        self.process = None
        if now - self.started >= STEADY_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.due = now + self.pause
        self.console.plain(
            f"{self.program.name} ended ({ending(status)}); starting it again in {self.pause:g} s"
        )
        self.pause = min(self.pause * 2, LONGEST_PAUSE_SECONDS)

    def start(self, now: float) -> None:
        self.process = spawn(self.program)
        self.started = now
        if self.process.stdout is not None:
            self.console.follow(self.program.name, self.process.stdout)

    def signal(self, number: signal.Signals) -> None:
        """Signal the process and all that it started."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def lives(self) -> bool:
        return self.process is not None and self.process.poll() is None


def ending(status: int) -> str:
    """How a process ended, in words."""
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name
