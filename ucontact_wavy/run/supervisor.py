"""Starts an installation's processes, keeps them running, and stops them together."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType

from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers
from ucontact_wavy.run.child import Child, Program, spawn
from ucontact_wavy.run.console import Console
from ucontact_wavy.run.errors import RunError
from ucontact_wavy.run.ready import announcement, waiting_for

TICK_SECONDS = 0.2
WATCH_SECONDS = 1.0
LOOK_SECONDS = 0.4
REPORT_SECONDS = 15.0
STOP_SECONDS = 8.0
KILL_SECONDS = 2.0


class Stop(KeyboardInterrupt):
    """Somebody asked for the end: Ctrl-C, SIGTERM or a terminal that was closed."""


def raise_stop(number: int, frame: FrameType | None) -> None:
    """Signal handler."""
    raise Stop


def prepare(program: Program, console: Console) -> tuple[str, dict[str, str]]:
    """Run the preparation to its end; returns the demo's logins and the callback addresses by kind.

    Raises RunError.
    """
    process = spawn(program, errors=subprocess.PIPE)
    if process.stdout is None or process.stderr is None:
        raise RunError("The preparation has no output to read.")
    console.follow(program.name, process.stderr)
    told = process.stdout.read()
    if process.wait() != 0:
        raise RunError("The database could not be prepared; the lines above say why.")
    answer = json.loads(told)
    return answer["demo"], answer["callbacks"]


class ServerWatch(threading.Thread):
    """Brings the embedded servers back when they die; beside the main thread, as a recovery takes time."""

    def __init__(self, servers: EmbeddedServers, console: Console) -> None:
        super().__init__(name="server watch", daemon=True)
        self.servers = servers
        self.console = console
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.wait(WATCH_SECONDS):
            if self.servers.running():
                continue
            self.console.plain("An embedded server died; starting it again")
            try:
                self.servers.revive()
            except EmbeddedError as error:
                self.console.plain(str(error))

    def end(self) -> bool:
        """Stop watching; False if it is still waiting for a recovery."""
        self.ending.set()
        if self.is_alive():
            self.join(STOP_SECONDS)
        return not self.is_alive()


class Supervisor:
    """The children of one run and what happens to them."""

    def __init__(self, console: Console, ports: Mapping[str, int]) -> None:
        self.console = console
        self.ports = ports
        self.demo = ""
        self.children: list[Child] = []
        self.ready = False
        self.next_look = 0.0
        self.next_report = 0.0

    def run(self, programs: Sequence[Program]) -> None:
        """Keep the programs running until a Stop is raised."""
        self.children = [Child(program, self.console) for program in programs]
        begun = time.monotonic()
        while True:
            now = time.monotonic()
            for child in self.children:
                child.tend(now)
            if not self.ready:
                self.look_whether_ready(now, begun)
            time.sleep(TICK_SECONDS)

    def look_whether_ready(self, now: float, begun: float) -> None:
        """Announce it once the web process says so; until then say now and again what is missing."""
        if now < self.next_look:
            return
        self.next_look = now + LOOK_SECONDS
        missing = waiting_for(self.ports)
        if missing is None:
            self.ready = True
            self.console.plain(announcement(self.ports, self.demo))
        elif now > max(self.next_report, begun + REPORT_SECONDS):
            self.next_report = now + REPORT_SECONDS
            self.console.plain(f"Not ready after {now - begun:.0f} s: {missing}")

    def stop(self) -> None:
        """Ask all children to end, then insist. A second Ctrl-C insists at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.signal_all(signal.SIGKILL))
        self.signal_all(signal.SIGTERM)
        self.wait(STOP_SECONDS)
        self.signal_all(signal.SIGKILL)
        self.wait(KILL_SECONDS)

    def signal_all(self, number: signal.Signals) -> None:
        for child in self.children:
            child.signal(number)

    def wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while any(child.lives() for child in self.children) and time.monotonic() < until:
            time.sleep(TICK_SECONDS / 4)
