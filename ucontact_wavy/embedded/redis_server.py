"""Runs the embedded Redis: a hint beside the database, so nothing of it goes to disk."""

import os
import subprocess
import time
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ucontact_wavy.embedded.binaries import redis_program
from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.layout import Layout, make_private
from ucontact_wavy.embedded.logfile import last_lines, log_file

START_SECONDS = 30.0
STOP_SECONDS = 10.0
ANSWER_SECONDS = 5.0
POLL_SECONDS = 0.02
DATABASES = 64


def url(layout: Layout, database: int = 0) -> str:
    """The REDIS_URL of one of its numbered databases."""
    return f"unix://{quote(str(layout.redis_socket))}?db={database}"


def client(layout: Layout) -> redis.Redis:
    """A connection to the server, which need not run."""
    return redis.Redis(
        unix_socket_path=str(layout.redis_socket),
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def answers(layout: Layout) -> bool:
    """Whether a server takes connections at the socket. A busy one that is slow to answer counts."""
    with client(layout) as connection:
        try:
            connection.ping()
        except redis.TimeoutError:
            return True
        except redis.ConnectionError:
            return False
    return True


def ensure(layout: Layout) -> subprocess.Popen[bytes] | None:
    """See to it that Redis runs and answers; the caller holds the servers' lock.

    Returns the server's process if it had to be started.
    """
    if answers(layout):
        return None
    process = start(layout)
    until = time.monotonic() + START_SECONDS
    while not answers(layout):
        if process.poll() is not None or time.monotonic() > until:
            raise EmbeddedError(f"Redis did not start:{last_lines(layout, 'redis')}")
        time.sleep(POLL_SECONDS)
    return process


def start(layout: Layout) -> subprocess.Popen[bytes]:
    """Start the server; it replaces a socket that a killed one left."""
    layout.redis.mkdir(mode=0o700, exist_ok=True)
    if not layout.sockets.exists():
        make_private(layout.sockets, os.geteuid())
    options = {
        "port": "0",
        "unixsocket": str(layout.redis_socket),
        "unixsocketperm": "700",
        "dir": str(layout.redis),
        "databases": str(DATABASES),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    with log_file(layout, "redis") as log:
        return subprocess.Popen(
            [str(redis_program()), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=layout.redis,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "VAR_DIR": str(layout.var_dir)},
            process_group=0,
        )


def stop(layout: Layout) -> None:
    """Stop the server, if one answers."""
    with client(layout) as connection:
        try:
            connection.shutdown(nosave=True)
        except (redis.ConnectionError, redis.TimeoutError):
            return
    until = time.monotonic() + STOP_SECONDS
    while layout.redis_socket.exists() and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
