"""A push process with a Redis of its own, which may be stopped and killed, and pages that listen to it."""

import contextlib
import os
import queue
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import requests
from redis import Redis

from providers.streams import Ticket, seal
from tools.waiting import eventually, free_port
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.embedded import EmbeddedServers, redis_server
from ucontact_wavy.embedded.processes import find, wait_for_end
from ucontact_wavy.run.plan import push

SECRET = "tests sign their tickets with this"
PAGES = "http://pages.example"
Told = tuple[str, str]
CATCH_UP, DEAF, END = ("catch-up", "-"), ("deaf", "-"), ("end", "")


class Pushing:
    """The process as `make run` starts it."""

    def __init__(self, var_dir: Path) -> None:
        self.servers = EmbeddedServers(var_dir, postgres=False)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts both, and waits until the process is up."""
        redis = self.servers.enter().redis or ""
        self.process = subprocess.Popen(
            push(self.port).arguments,
            cwd=BASE_DIR,
            env={
                **os.environ,
                "VAR_DIR": str(self.servers.var_dir),
                "REDIS_URL": redis,
                "SECRET_KEY": SECRET,
                "PUBLIC_URL": PAGES,
                "LOG_LEVEL": "CRITICAL",
            },
        )
        eventually(self.is_up, what="the push process answers")

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
        self.servers.leave()

    def redis(self) -> Redis:
        return redis_server.client(self.servers.layout)

    def ask(self, ticket: str, origin: str = PAGES) -> requests.Response:
        """One request for a stream, whose body is not read."""
        headers = {"Origin": origin} if origin else {}
        return requests.get(
            f"{self.url}/push/", params={"ticket": ticket}, headers=headers, stream=True, timeout=30
        )

    @contextmanager
    def page(
        self, user: int, queues: tuple[int, ...] | None = (), contact: int | None = None
    ) -> Iterator["Page"]:
        """A page that listens, and has been told to catch up with what was before."""
        page = Page(self.port, seal(Ticket(user, queues, contact), SECRET))
        assert page.next() == CATCH_UP
        try:
            yield page
        finally:
            page.close()

    @contextmanager
    def redis_stopped(self) -> Iterator[None]:
        """Redis takes connections, which the kernel does for it, and never answers."""
        with self.redis() as redis:
            process = find(redis.info()["process_id"])
        assert process is not None
        process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send(signal.SIGCONT)

    def kill_redis(self) -> None:
        """kill -9; nothing brings it back by itself."""
        with self.redis() as redis:
            process = find(redis.info()["process_id"])
        assert process is not None
        process.send(signal.SIGKILL)
        assert wait_for_end([process], 10) == []


class Page:
    """Reads a stream in a thread; beats are left out."""

    def __init__(self, port: int, ticket: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self.connection.request("GET", f"/push/?ticket={ticket}", headers={"Origin": PAGES})
        self.socket: socket.socket = self.connection.sock
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200
        self.told: queue.Queue[Told] = queue.Queue()
        self.reading = threading.Thread(target=self._read, daemon=True)
        self.reading.start()

    def _read(self) -> None:
        name = ""
        with contextlib.suppress(OSError, HTTPException):  # closed by us, or broken off by the process
            while line := self.answer.readline().decode():
                field, _, value = line.strip().partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name != "beat":
                    self.told.put((name, value))
        self.told.put(END)

    def next(self, within: float = 30) -> Told:
        """What it is told next. Raises queue.Empty where it is told nothing."""
        return self.told.get(timeout=within)

    def close(self) -> None:
        """Leaves at once, whatever is just being read."""
        self.socket.shutdown(socket.SHUT_RDWR)
        self.reading.join(30)
        self.connection.close()
