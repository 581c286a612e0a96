"""The embedded servers live from the first process that needs them to the last."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import environ
import psycopg
import pytest
import redis

from tests.house.conftest import redis_process
from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers
from ucontact_wavy.embedded.leftovers import postmaster

Holder = Callable[[Path], subprocess.Popen[str]]


def pid_of(servers: EmbeddedServers) -> int | None:
    found = postmaster(servers.layout)
    return found.pid if found else None


def query(url: str | None, statement: str) -> tuple[object, ...] | None:
    assert url is not None
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchone()


def test_the_database_is_a_real_utf8_postgresql_that_listens_on_no_port(servers: EmbeddedServers) -> None:
    settings = "server_encoding", "listen_addresses", "fsync", "max_connections"
    columns = ", ".join(f"current_setting('{name}')" for name in settings)
    assert query(servers.ensure().database, f"SELECT {columns}") == ("UTF8", "", "on", "200")
    assert query(servers.ensure().database, "SELECT upper('ção')") == ("ÇÃO",)


def test_redis_keeps_nothing_on_disk_and_listens_on_no_port(servers: EmbeddedServers) -> None:
    with redis.Redis.from_url(servers.ensure().redis or "") as client:
        settings = {name: client.config_get(name)[name] for name in ("port", "save", "appendonly")}
    assert settings == {"port": "0", "save": "", "appendonly": "no"}


def test_other_users_cannot_enter_the_socket_folder(servers: EmbeddedServers) -> None:
    assert servers.layout.sockets.stat().st_mode & 0o777 == 0o700


def test_django_reads_the_url_of_a_folder_with_capitals_and_a_space(tmp_path: Path, fresh_data: Path) -> None:
    folder = tmp_path / "My Var"
    folder.mkdir()
    shutil.copytree(fresh_data, folder / "postgres")
    share = EmbeddedServers(folder)
    try:
        config = environ.Env.db_url_config(share.enter().database)
        with psycopg.connect(dbname=config["NAME"], user=config["USER"], **config["OPTIONS"]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("ucontact",)
    finally:
        share.leave()


def test_the_last_one_out_stops_the_servers(servers: EmbeddedServers, holder: Holder, var_dir: Path) -> None:
    other = holder(var_dir)
    first = pid_of(servers)
    servers.leave()
    assert pid_of(servers) == first
    other.communicate("leave\n", timeout=60)
    assert pid_of(servers) is None
    assert redis_process(var_dir) is None


def test_a_killed_user_leaves_them_running_and_the_next_one_joins(holder: Holder, var_dir: Path) -> None:
    killed = holder(var_dir)
    share = EmbeddedServers(var_dir)
    first = pid_of(share)
    killed.kill()
    killed.wait()
    share.enter()
    assert pid_of(share) == first
    share.leave()
    assert pid_of(share) is None


def test_servers_that_died_come_back_with_their_data(servers: EmbeddedServers, var_dir: Path) -> None:
    url = servers.ensure().database
    with psycopg.connect(url or "") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    database = postmaster(servers.layout)
    hint = redis_process(var_dir)
    assert database is not None
    assert hint is not None
    for process in (database, hint):
        process.handle.kill()
        process.handle.wait()
    assert not servers.running()
    servers.revive()
    assert servers.running()
    assert pid_of(servers) != database.pid
    assert query(url, "SELECT answer FROM kept") == (42,)


def test_only_the_server_that_is_asked_for_is_started(var_dir: Path) -> None:
    share = EmbeddedServers(var_dir, postgres=False)
    try:
        urls = share.enter()
        assert urls.environment().keys() == {"REDIS_URL"}
        assert pid_of(share) is None
    finally:
        share.leave()


def test_data_of_another_version_are_left_alone(var_dir: Path) -> None:
    (var_dir / "postgres" / "PG_VERSION").write_text("16\n")
    share = EmbeddedServers(var_dir, redis=False)
    try:
        with pytest.raises(EmbeddedError, match="written by PostgreSQL 16"):
            share.enter()
    finally:
        share.leave()
