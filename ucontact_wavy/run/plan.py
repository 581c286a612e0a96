"""The processes of `make run` and their command lines."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ucontact_wavy.run.child import Program

WORKERS = {
    "bases": ("bases", 2),
    "callbacks": ("callbacks", 3),  # statuses, messages, routing: at most one of each is at work at a time
    "replies": ("replies,celery,keeping", 2),
    "media": ("media,alerts", 2),
}
# Celery warns of running as root at length; its tasks are JSON, which is what the warning is about.
QUIET_ROOT = ("-W", "ignore:::celery.platforms")
# Django's own checks run once, in the preparation, and not again in each of the four.
ONCE = ("--quiet", "--skip-checks")
CELERY = (sys.executable, *QUIET_ROOT, "-m", "celery", "--app", "ucontact_wavy.celery:app", *ONCE)
QUIET_WORKER = ("--without-gossip", "--without-mingle", "--without-heartbeat")
CORES = os.cpu_count() or 1
WEB_WORKERS = min(2, CORES)
WEB_THREADS = min(8, 2 * CORES + 1)

PREPARE = Program("prepare", (sys.executable, "-m", "ucontact_wavy.run.prepare"))


def web(port: int) -> Program:
    """The WSGI server. No access log: callback addresses carry tokens."""
    arguments = {
        "--interface": "wsgi",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": str(WEB_WORKERS),
        "--blocking-threads": str(WEB_THREADS),
        "--log-level": "warning",
    }
    flat = [part for pair in arguments.items() for part in pair]
    switches = ("--no-access-log", "--respawn-failed-workers")
    return Program(
        "web", (sys.executable, "-m", "granian", *flat, *switches, "ucontact_wavy.run.web:application")
    )


def push(port: int) -> Program:
    """The ASGI server of the pages' streams: one process, however many pages. No access log: tickets."""
    arguments = {
        "--interface": "asgi",
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
        "--backlog": "4096",
        "--backpressure": "65000",
        "--workers-kill-timeout": "2",
        "--log-level": "warning",
    }
    flat = [part for pair in arguments.items() for part in pair]
    switches = ("--no-ws", "--no-access-log", "--respawn-failed-workers")
    return Program(
        "push", (sys.executable, "-m", "granian", *flat, *switches, "ucontact_wavy.run.push:application")
    )


def worker(name: str, level: str) -> Program:
    """A Celery worker for the queues of one purpose."""
    queues, concurrency = WORKERS[name]
    options = ("-Q", queues, "-c", str(concurrency), "-n", f"{name}@%h", "-l", level, *QUIET_WORKER)
    return Program(name, (*CELERY, "worker", *options))


def beat(var_dir: Path, level: str) -> Program:
    """The clock of the sweeps; its own file is under VAR_DIR."""
    return Program("beat", (*CELERY, "beat", "-s", str(var_dir / "beat-schedule"), "--pidfile=", "-l", level))


def simulator(port: int, web_port: int, callbacks: Mapping[str, str]) -> Program:
    """The imitation of Wavy. Where to call back goes by the environment, as the addresses carry tokens."""
    names = {"message": "SIMULATOR_MESSAGE_URL", "status": "SIMULATOR_STATUS_URL"}
    environ = {names[kind]: local(url, web_port) for kind, url in callbacks.items() if kind in names}
    return Program("simulator", (sys.executable, "-m", "simulator"), {**environ, "SIMULATOR_PORT": str(port)})


def local(url: str, port: int) -> str:
    """The same address on this machine, whatever PUBLIC_URL says."""
    return urlunsplit(urlsplit(url)._replace(scheme="http", netloc=f"127.0.0.1:{port}"))


def programs(
    environ: Mapping[str, str], ports: Mapping[str, int], var_dir: Path, callbacks: Mapping[str, str]
) -> list[Program]:
    """Everything that is kept running, in the order of starting."""
    level = environ.get("LOG_LEVEL") or "INFO"
    return [
        web(ports["PORT"]),
        push(ports["PUSH_PORT"]),
        *(worker(name, level) for name in WORKERS),
        beat(var_dir, level),
        simulator(ports["SIMULATOR_PORT"], ports["PORT"], callbacks),
    ]
