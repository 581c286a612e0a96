"""The embedded PostgreSQL runs for root and for an ordinary user, also where others may not look."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.house.conftest import kill_servers
from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers, account, postgres
from ucontact_wavy.embedded.binaries import PostgresPrograms, postgres_programs
from ucontact_wavy.embedded.layout import SHORT_ROOT, Layout, make_private
from ucontact_wavy.embedded.leftovers import postmaster

NOBODY = 65534
AS_ROOT = os.geteuid() == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder of one's own under /tmp, which (unlike tmp_path) everybody can enter."""
    folder = Path(tempfile.mkdtemp(prefix="wavy-", dir=SHORT_ROOT))
    folder.chmod(0o755)
    yield folder
    kill_servers(folder / "var")
    shutil.rmtree(folder)


@pytest.fixture
def programs(open_folder: Path) -> PostgresPrograms:
    """A copy of PostgreSQL's programs that everybody can run."""
    return account.copy_programs(postgres_programs(), open_folder / "programs")


def answer(var_dir: Path) -> str:
    """Start the servers, ask the database who it is, stop them; an error's text if that fails."""
    share = EmbeddedServers(var_dir, redis=False, say=lambda _line: None)
    try:
        with psycopg.connect(share.enter().database or "") as connection:
            row = connection.execute(
                "SELECT current_user || ' ' || current_setting('data_directory')"
            ).fetchone()
        return str(row[0]) if row else ""
    except (EmbeddedError, psycopg.Error) as error:
        return str(error)
    finally:
        share.leave()


def as_user(uid: int, task: Callable[[], str]) -> str:
    """What `task` returns in a process of that user: a fork, so that it needs no interpreter of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        os.write(writing, task().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return text


def test_an_ordinary_user_runs_it_under_their_own_name(
    open_folder: Path, programs: PostgresPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "postgres_programs", lambda: programs)
    var_dir = open_folder / "var"
    var_dir.mkdir(mode=0o700)
    if AS_ROOT:
        os.chown(var_dir, NOBODY, NOBODY)
        told = as_user(NOBODY, lambda: answer(var_dir))
    else:
        told = answer(var_dir)
    assert told == f"ucontact {var_dir}/postgres"
    assert (var_dir / "postgres").stat().st_uid == (NOBODY if AS_ROOT else os.geteuid())


def test_in_a_closed_folder_it_runs_without_another_account_or_a_changed_mode(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert answer(closed / "var") == f"ucontact {closed}/var/postgres"
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "var" / "postgres").stat().st_uid == os.geteuid()


def test_without_user_namespaces_root_uses_an_account_that_needs_no_open_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs and data both lie in a closed folder; an ordinary user has no such case and stays themselves."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    var_dir = closed / "var"
    hidden = account.copy_programs(postgres_programs(), closed / "programs")
    monkeypatch.setattr(account, "NAMESPACE", ("false",))
    monkeypatch.setattr(postgres, "postgres_programs", lambda: hidden)
    chosen = account.choose(var_dir / "postgres")
    told = answer(var_dir)
    if AS_ROOT:
        assert chosen.uid != 0
        assert told.startswith("ucontact /proc/self/fd/")
    else:
        assert chosen == account.Account(os.geteuid(), os.getegid())
        assert told == f"ucontact {var_dir}/postgres"
    assert (var_dir / "postgres").stat().st_uid == chosen.uid
    outside = Layout(var_dir, sockets_outside=True)
    shutil.rmtree(outside.programs, ignore_errors=True)
    shutil.rmtree(outside.sockets, ignore_errors=True)


def test_a_var_dir_too_deep_for_a_socket_gets_a_short_closed_folder(tmp_path: Path) -> None:
    var_dir = tmp_path / ("deep" * 20) / "var"
    share = EmbeddedServers(var_dir, say=lambda _line: None)
    try:
        urls = share.enter()
        sockets = share.layout.sockets
        assert sockets.parent == SHORT_ROOT
        assert sockets.stat().st_mode & 0o777 == 0o700
        with psycopg.connect(urls.database or "") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        share.leave()
        shutil.rmtree(share.layout.sockets)


@pytest.mark.parametrize("kind", ["open to others", "a link"])
def test_a_socket_folder_that_somebody_else_prepared_is_refused(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "sockets"
    if kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o777)
    with pytest.raises(EmbeddedError, match="is not a closed folder of this user"):
        make_private(folder, os.geteuid())


def test_an_ordinary_user_is_told_that_a_var_dir_is_another_ones(open_folder: Path) -> None:
    var_dir = open_folder / "var"
    var_dir.mkdir(mode=0o700)
    if AS_ROOT:
        told = as_user(NOBODY, lambda: answer_or_error(var_dir))
    else:
        var_dir.chmod(0o000)
        told = answer_or_error(var_dir)
        var_dir.chmod(0o700)
    assert told == f"VAR_DIR {var_dir} belongs to another user. Set VAR_DIR to a folder of your own."


def test_root_joins_the_servers_of_an_ordinary_user(
    open_folder: Path, programs: PostgresPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data of an ordinary user are served under their name, whoever starts the server, and at one place."""
    monkeypatch.setattr(postgres, "postgres_programs", lambda: programs)
    var_dir = open_folder / "var"
    var_dir.mkdir(mode=0o700)
    if AS_ROOT:
        os.chown(var_dir, NOBODY, NOBODY)
        as_user(NOBODY, lambda: answer(var_dir))
    assert answer(var_dir) == f"ucontact {var_dir}/postgres"
    assert EmbeddedServers(var_dir).layout.sockets == var_dir / "sockets"
    if AS_ROOT:
        assert account.choose(var_dir / "postgres").uid == NOBODY


def answer_or_error(var_dir: Path) -> str:
    try:
        return answer(var_dir)
    except EmbeddedError as error:
        return str(error)


def test_no_server_means_no_postmaster(tmp_path: Path) -> None:
    assert postmaster(Layout(tmp_path)) is None
