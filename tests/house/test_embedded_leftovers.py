"""The embedded PostgreSQL starts again over whatever a kill -9 left behind."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.house.conftest import kill_servers
from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers, leftovers, postgres
from ucontact_wavy.embedded.leftovers import postmaster
from ucontact_wavy.embedded.processes import all_postgres_in, find, wait_for_end


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with PostgreSQL."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def works(share: EmbeddedServers) -> bool:
    with psycopg.connect(share.enter().database or "") as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_a_kill_of_everything_loses_no_committed_row(servers: EmbeddedServers, var_dir: Path) -> None:
    with psycopg.connect(servers.ensure().database or "") as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    kill_servers(var_dir)
    left = {path.name for path in [*servers.layout.sockets.iterdir(), *servers.layout.data.glob("*.pid")]}
    assert left == {"postmaster.pid", ".s.PGSQL.5432", ".s.PGSQL.5432.lock", "redis.sock"}
    servers.revive()
    with psycopg.connect(servers.ensure().database or "") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_pid_that_another_program_has_by_now_stops_nothing(
    servers: EmbeddedServers, var_dir: Path, bystander: subprocess.Popen[bytes]
) -> None:
    kill_servers(var_dir)
    for path in (servers.layout.data / "postmaster.pid", servers.layout.sockets / ".s.PGSQL.5432.lock"):
        _pid, _, rest = path.read_text().partition("\n")
        path.write_text(f"{bystander.pid}\n{rest}")
    servers.revive()
    assert works(servers)
    assert bystander.poll() is None


def test_a_backend_that_outlived_its_server_is_ended(
    servers: EmbeddedServers, var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "LEAVE_SECONDS", 0.2)
    monkeypatch.setattr(leftovers, "QUIT_SECONDS", 0.2)
    server = postmaster(servers.layout)
    assert server is not None
    backend = next(process for process in all_postgres_in(var_dir / "postgres") if process.pid != server.pid)
    backend.send(signal.SIGSTOP)
    server.send(signal.SIGKILL)
    assert wait_for_end([server], 10) == []
    assert backend.lives()
    servers.revive()
    assert not backend.lives()
    assert works(servers)


def test_a_long_recovery_is_waited_for_and_told(var_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archive recovery that asks a slow archive for each file: the server reports `starting` meanwhile."""
    monkeypatch.setattr(postgres, "REPORT_SECONDS", 0.5)
    with (var_dir / "postgres" / "postgresql.auto.conf").open("a") as settings:
        settings.write("restore_command = 'sleep 1; false'\n")
    (var_dir / "postgres" / "recovery.signal").touch()
    told: list[str] = []
    share = EmbeddedServers(var_dir, redis=False, say=told.append)
    try:
        assert works(share)
    finally:
        share.leave()
    assert len(told) >= 2
    assert all(line.startswith("PostgreSQL is starting up, after ") for line in told)


def test_a_server_that_ends_at_once_is_an_error_with_its_own_words(var_dir: Path) -> None:
    (var_dir / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    share = EmbeddedServers(var_dir, redis=False)
    try:
        with pytest.raises(EmbeddedError, match="no_such_setting"):
            share.enter()
    finally:
        share.leave()


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    share = EmbeddedServers(tmp_path, redis=False, say=lambda _line: None)
    try:
        assert works(share)
        assert not (tmp_path / "postgres.new").exists()
    finally:
        share.leave()


def test_finding_a_process_that_is_gone_finds_nothing(bystander: subprocess.Popen[bytes]) -> None:
    assert find(bystander.pid) is not None
    bystander.kill()
    bystander.wait()
    assert find(bystander.pid) is None
