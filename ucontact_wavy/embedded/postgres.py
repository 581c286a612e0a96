"""Runs the embedded PostgreSQL: makes its data, clears what a kill left, starts, waits and stops."""

import os
import shutil
import signal
import subprocess
import time
from urllib.parse import quote

import psycopg

from ucontact_wavy.embedded.account import Account, choose, give, reachable, reachable_programs
from ucontact_wavy.embedded.binaries import POSTGRES_VERSION, PostgresPrograms, postgres_programs
from ucontact_wavy.embedded.console import Say
from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.layout import Layout, make_private
from ucontact_wavy.embedded.leftovers import clear, postmaster, reports_ready
from ucontact_wavy.embedded.logfile import last_lines, log_file
from ucontact_wavy.embedded.processes import Process, find, wait_for_end

DATABASE = "ucontact"
ROLE = "ucontact"
POLL_SECONDS = 0.03
REPORT_SECONDS = 5.0
STOP_SECONDS = 120.0

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "10min",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "jit": "off",
}


def url(layout: Layout) -> str:
    """The DATABASE_URL. The folder goes into the query, as a host name would lose its capitals."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(layout.sockets))}"


def ensure(layout: Layout, say: Say) -> subprocess.Popen[bytes] | None:
    """See to it that PostgreSQL runs and answers; the caller holds the servers' lock.

    Returns the server's process if it had to be started.
    """
    running, started = postmaster(layout), None
    if running is None:
        started = start(layout, say)
        running = find(started.pid)
    wait_until_ready(layout, running, say)
    make_database(layout)
    return started


def start(layout: Layout, say: Say) -> subprocess.Popen[bytes]:
    """Clear what an earlier life left and start the server, which may have to recover before it answers."""
    account = choose(layout.data)
    programs = reachable_programs(account, postgres_programs(), layout)
    make_private(layout.sockets, account.uid)
    make_data(layout, account, programs, say)
    clear(layout)
    with log_file(layout, "postgres") as log, reachable(layout.data, account) as (data, keep):
        options = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
        folder = str(layout.sockets).replace('"', '""')
        return account.start(
            [programs.postgres, "-D", data, *options, f'--unix-socket-directories="{folder}"'],
            cwd=layout.data,
            output=log,
            environ=server_environment(layout),
            keep=keep,
        )


def make_data(layout: Layout, account: Account, programs: PostgresPrograms, say: Say) -> None:
    """Make the data folder unless it is there; one that a kill left half made is thrown away."""
    if layout.data.exists():
        version = (layout.data / "PG_VERSION").read_text().strip()
        if version != POSTGRES_VERSION:
            raise EmbeddedError(
                f"{layout.data} was written by PostgreSQL {version}, and this is {POSTGRES_VERSION}. "
                "Move it away, or dump and load it with a server of its version."
            )
        give(layout.data, account)
        return
    say("Making the database's folder")
    half = layout.data.with_name("postgres.new")
    shutil.rmtree(half, ignore_errors=True)
    make_private(half, account.uid)
    command = ["--username", ROLE, "--auth", "trust", "--encoding", "UTF8", "--locale-provider=builtin"]
    with log_file(layout, "initdb") as log, reachable(half, account) as (data, keep):
        process = account.start(
            [programs.initdb, "-D", data, *command, "--locale=C.UTF-8", "--no-instructions"],
            cwd=half,
            output=log,
            environ=server_environment(layout),
            keep=keep,
        )
        if process.wait() != 0:
            raise EmbeddedError(f"PostgreSQL's initdb failed:{last_lines(layout, 'initdb')}")
    half.rename(layout.data)


def server_environment(layout: Layout) -> dict[str, str]:
    """What the server's processes get of our environment: no PG* variable of the person who started them."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "TZ": "UTC",
        "VAR_DIR": str(layout.var_dir),
    }


def wait_until_ready(layout: Layout, server: Process | None, say: Say) -> None:
    """Wait as long as the server lives: a recovery may take minutes and must not be cut short."""
    begun = time.monotonic()
    report = begun + REPORT_SECONDS
    while not (reports_ready(layout) and postmaster(layout) is not None):
        if server is None or not server.lives():
            raise EmbeddedError(f"PostgreSQL ended while it started:{last_lines(layout, 'postgres')}")
        if time.monotonic() > report:
            seconds = time.monotonic() - begun
            say(f"PostgreSQL is starting up, after {seconds:.0f} s (it recovers what a crash left)")
            report += REPORT_SECONDS
        time.sleep(POLL_SECONDS)


def make_database(layout: Layout) -> None:
    """Create the database unless it is there."""
    try:
        with psycopg.connect(
            host=str(layout.sockets), user=ROLE, dbname="postgres", autocommit=True
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.OperationalError as error:
        raise EmbeddedError(f"The embedded PostgreSQL does not answer: {error}") from error


def stop(layout: Layout, say: Say) -> None:
    """Stop the server cleanly: it ends what is connected and writes what it holds."""
    server = postmaster(layout)
    if server is None:
        return
    server.send(signal.SIGINT)
    if wait_for_end([server], STOP_SECONDS):
        say(f"PostgreSQL (process {server.pid}) still writes its data and is left to end by itself")
