"""Embedded servers of their own for the tests that start, kill and stop them."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.embedded import EmbeddedServers
from ucontact_wavy.embedded.layout import Layout
from ucontact_wavy.embedded.processes import Process, all_postgres_in, find, wait_for_end

Start = Callable[..., subprocess.Popen[str]]

HOLDER = """
import sys
from pathlib import Path
from ucontact_wavy.embedded import hold
with hold(Path(sys.argv[1])) as urls:
    print(urls.database, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="session")
def fresh_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, to copy from."""
    servers = EmbeddedServers(tmp_path_factory.mktemp("first"), redis=False)
    servers.enter()
    servers.leave()
    return servers.layout.data


@pytest.fixture
def var_dir(tmp_path: Path, fresh_data: Path) -> Iterator[Path]:
    """A VAR_DIR whose database was made before; what still runs on it afterwards is killed."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o700)
    shutil.copytree(fresh_data, folder / "postgres")
    yield folder
    kill_servers(folder)
    shutil.rmtree(Layout(folder, sockets_outside=True).sockets, ignore_errors=True)


@pytest.fixture
def servers(var_dir: Path) -> Iterator[EmbeddedServers]:
    """The servers of `var_dir`, up."""
    share = EmbeddedServers(var_dir)
    share.enter()
    yield share
    share.leave()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python programs and ends them with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, **environ: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environ},
            cwd=BASE_DIR,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def holder(start: Start) -> Callable[[Path], subprocess.Popen[str]]:
    """Another process that uses the servers until it reads a line."""

    def begin(var_dir: Path) -> subprocess.Popen[str]:
        process = start("-c", HOLDER, str(var_dir))
        assert process.stdout is not None
        assert process.stdout.readline().startswith("postgresql://")
        return process

    return begin


def redis_process(var_dir: Path) -> Process | None:
    """The Redis of this VAR_DIR, by the pid that it wrote to its log last."""
    log = var_dir / "log" / "redis.log"
    starts = [line for line in log.read_text().splitlines() if "just started" in line] if log.exists() else []
    process = find(int(starts[-1].split(":")[0])) if starts else None
    return process if process is not None and process.lives() else None


def kill_servers(var_dir: Path) -> None:
    """kill -9 of every server process of this VAR_DIR."""
    redis = redis_process(var_dir)
    doomed = [*all_postgres_in(var_dir / "postgres"), *([redis] if redis else [])]
    for process in doomed:
        process.send(signal.SIGKILL)
    assert wait_for_end(doomed, 10) == []
