"""The whole of `make run`: it reaches Ready, brings back what dies, and goes without a trace."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest
import requests

from tests.house.conftest import redis_process
from tools.installation import Installation
from tools.waiting import eventually
from tools.wavy import Wavy
from ucontact_wavy.embedded.layout import Layout
from ucontact_wavy.embedded.leftovers import postmaster

CHILDREN = {"web", "push", "bases", "callbacks", "replies", "media", "beat", "simulator"}


@pytest.fixture(scope="module")
def wavy() -> Iterator[Wavy]:
    imitation = Wavy()
    yield imitation
    imitation.stop()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, wavy: Wavy) -> Iterator[Installation]:
    """One that is ready; the tests of this file go through its life in order."""
    whole = Installation(tmp_path_factory.mktemp("whole") / "var", wavy)
    try:
        whole.start()
        yield whole
    finally:
        whole.kill_everything()


def is_ready(installation: Installation) -> bool:
    try:
        return requests.get(f"{installation.url}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_it_shows_the_logins_and_the_pages_and_no_token(installation: Installation) -> None:
    shown = installation.log.read_text()
    for expected in ("supervisor ", "operator ", "agent1 ", f"{installation.url}/desk/", "/phone/"):
        assert expected in shown.partition("Ready: ")[2]
    assert "token=" not in shown


def test_it_starts_every_process(installation: Installation) -> None:
    assert installation.children().keys() == CHILDREN


def test_all_it_starts_lives_under_its_var_dir_or_in_its_session(installation: Installation) -> None:
    assert installation.process is not None
    started = psutil.Process(installation.process.pid).children(recursive=True)
    assert len(started) > len(CHILDREN)
    for process in started:
        with suppress(psutil.NoSuchProcess):  # it ended by itself meanwhile
            named = {process.cwd(), process.environ().get("VAR_DIR", ""), *process.cmdline()}
            under = any(str(installation.var_dir) in text for text in named)
            assert under or os.getsid(process.pid) == installation.process.pid, process


def test_whatever_is_killed_comes_back(installation: Installation) -> None:
    before = installation.children()
    database = postmaster(Layout(installation.var_dir))
    hint = redis_process(installation.var_dir)
    assert database is not None
    assert hint is not None
    for process in (*before.values(), database, hint):
        os.kill(process.pid, signal.SIGKILL)
    killed = {child.pid for child in before.values()}

    def all_are_new() -> bool:
        now = installation.children()  # right after the kill, those that were killed may still be among them
        return now.keys() == CHILDREN and not {child.pid for child in now.values()} & killed

    eventually(all_are_new, 60, "every process is back")
    eventually(lambda: is_ready(installation), 60, "the installation is ready again")
    new_database = postmaster(Layout(installation.var_dir))
    assert new_database is not None
    assert new_database.pid != database.pid


def still_runs(process: psutil.Process) -> bool:
    """Not so one that has ended and only waits for whoever is process 1 here to notice."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_ctrl_c_stops_all_of_it(installation: Installation) -> None:
    assert installation.process is not None
    running = psutil.Process(installation.process.pid).children(recursive=True)
    installation.process.send_signal(signal.SIGINT)
    assert installation.process.wait(30) == 0
    assert [process for process in running if still_runs(process)] == []
    assert not (installation.var_dir / "postgres" / "postmaster.pid").exists()
