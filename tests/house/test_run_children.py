"""`make run` keeps its processes running, and takes them along when it goes."""

import io
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from ucontact_wavy.embedded.processes import find, wait_for_end
from ucontact_wavy.run.child import Child, Program, spawn
from ucontact_wavy.run.console import Console

Start = Callable[..., subprocess.Popen[str]]
Keep = Callable[[str], Child]

PARENT = """
import sys
from ucontact_wavy.run.child import Program, spawn
child = spawn(Program("web", (sys.executable, "-c", "import time; time.sleep(600)")))
print(child.pid, flush=True)
sys.stdin.readline()
"""
WITH_GRANDCHILD = """
import subprocess, sys, time
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid, flush=True)
time.sleep(600)
"""
STAYS = "import time; time.sleep(600)"
FAILS = "raise SystemExit(3)"


@pytest.fixture
def shown() -> io.StringIO:
    """What the terminal shows."""
    return io.StringIO()


@pytest.fixture
def keep(shown: io.StringIO) -> Iterator[Keep]:
    """Keeps a Python program running under the name `web`; ends it with the test."""
    kept: list[Child] = []

    def begin(code: str) -> Child:
        child = Child(Program("web", (sys.executable, "-c", code)), Console(shown))
        kept.append(child)
        child.tend(0.0)
        return child

    yield begin
    for child in kept:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()


def process_of(child: Child) -> subprocess.Popen[bytes]:
    assert child.process is not None
    return child.process


def end(child: Child, now: float) -> None:
    """Let the child end, and its keeper notice at `now`."""
    process_of(child).wait(timeout=30)
    child.tend(now)
    assert child.process is None


def test_a_child_that_is_killed_is_started_again(keep: Keep, shown: io.StringIO) -> None:
    child = keep(STAYS)
    killed = process_of(child)
    killed.kill()
    end(child, now=10.0)
    child.tend(10.4)
    assert child.process is None
    child.tend(10.5)
    assert process_of(child).pid != killed.pid
    assert child.lives()
    assert shown.getvalue() == "web ended (SIGKILL); starting it again in 0.5 s\n"


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(keep: Keep, shown: io.StringIO) -> None:
    child = keep(FAILS)
    now = 0.0
    for _ in range(8):
        end(child, now)
        now = child.due
        child.tend(now)
    pauses = [line.rsplit(" ", 2)[1] for line in shown.getvalue().splitlines()]
    assert pauses == ["0.5", "1", "2", "4", "8", "16", "30", "30"]
    assert "web ended (exit status 3)" in shown.getvalue()


def test_a_child_that_lived_for_a_while_comes_back_at_once(keep: Keep) -> None:
    child = keep(FAILS)
    end(child, now=1.0)
    child.tend(child.due)
    end(child, now=child.started + 60.0)
    assert child.pause == 1.0


def test_what_a_dead_child_had_started_is_ended_with_it(keep: Keep, shown: io.StringIO) -> None:
    child = keep(WITH_GRANDCHILD)
    while "|" not in shown.getvalue():
        assert child.lives()
    grandchild = find(int(shown.getvalue().rpartition("|")[2]))
    assert grandchild is not None
    process_of(child).kill()
    end(child, now=1.0)
    assert wait_for_end([grandchild], 10) == []


def test_every_line_begins_with_its_process(shown: io.StringIO) -> None:
    process = spawn(Program("beat", (sys.executable, "-c", "print('one'); print('two')")))
    assert process.stdout is not None
    Console(shown).follow("beat", process.stdout).join(30)
    process.wait()
    assert shown.getvalue() == "beat      | one\nbeat      | two\n"


def test_a_terminal_that_went_away_stops_nothing(shown: io.StringIO) -> None:
    shown.close()
    Console(shown).line("web", "nobody reads this")


def test_the_children_of_a_killed_supervisor_die_with_it(start: Start) -> None:
    supervisor = start("-c", PARENT)
    assert supervisor.stdout is not None
    child = find(int(supervisor.stdout.readline()))
    assert child is not None
    assert child.lives()
    supervisor.kill()
    assert wait_for_end([child], 10) == []
