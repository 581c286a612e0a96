"""Pytest plugin: the embedded servers and the environment of the test run, before Django reads its settings.

It is loaded by name (`-p tests.servers`). Runs that go on at once on one checkout, and the workers of one run, share
the servers under TEST_VAR_DIR (`var/test`); each takes a free slot, which names its folder there and its database, and
numbers its Redis.
"""

import atexit
import os
import socket
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.embedded import EmbeddedError, EmbeddedServers
from ucontact_wavy.embedded.locks import lock_now, open_lock_file

SLOTS = 60
FIELD_KEY = "dGVzdHMgdXNlIG9uZSBmaXhlZCBrZXk6IDMyIGJ5dGU="
LOOPBACK = {"localhost", "127.0.0.1", "::1", "", "0.0.0.0", None}  # noqa: S104


def take_slot(var_dir: Path) -> int:
    """A number that no other test run uses now; the lock goes with the process."""
    for slot in range(1, SLOTS):
        if lock_now(open_lock_file(var_dir / f"slot-{slot}.lock")):
            return slot
    raise pytest.UsageError(f"{SLOTS - 1} test runs already use {var_dir}")


def hurry(database: str) -> None:
    """What these servers hold is thrown away: PostgreSQL need not wait for the disk."""
    with psycopg.connect(database, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def environment(var_dir: Path, slot: int, database: str, redis: str) -> dict[str, str]:
    """What the settings read in a test run, whatever the developer's own environment says."""
    return {
        "VAR_DIR": str(var_dir / f"run{slot}"),
        "DATABASE_URL": database.replace("/ucontact?", f"/run{slot}?"),
        "REDIS_URL": redis.replace("db=0", f"db={slot}"),
        "SECRET_KEY": "tests sign with this key and nothing else does, ever",
        "FIELD_KEYS": FIELD_KEY,
        "DEBUG": "",
        "LOG_LEVEL": "WARNING",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
        "WAVY_API_URL": "http://wavy.invalid",
        "WAVY_TEMPLATES_URL": "http://templates.wavy.invalid",
        "WAVY_OPEN_CALLBACKS": "",
        "WAVY_CALLBACK_ADDRESSES": "",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }


class OutsideLoopbackError(RuntimeError):
    """A test reached for a host that is not this one."""


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: nothing of a test run leaves the machine. A reserved name is merely not found."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name in LOOPBACK or (name or "").startswith("127."):
        return
    if name.endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, f"{name} is not a host")
    raise OutsideLoopbackError(f"a test tried to reach {name}; answer it with `responses` or the simulator")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Bring the servers up before pytest-django, whose hook of this name sets Django up.

    They are given back at the end of the process, even of one that never gets as far as a test.
    """
    var_dir = Path(os.environ.get("TEST_VAR_DIR") or BASE_DIR / "var" / "test").resolve()
    servers = EmbeddedServers(var_dir)
    atexit.register(servers.leave)
    try:
        urls = servers.enter()
    except EmbeddedError as error:
        raise pytest.UsageError(str(error)) from error
    hurry(urls.database or "")
    run = environment(var_dir, take_slot(var_dir), urls.database or "", urls.redis or "")
    Path(run["VAR_DIR"], "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(run)
    sys.addaudithook(guard)
