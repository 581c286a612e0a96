"""The web server as `make run` starts it, on a PostgreSQL and a Redis of its own that may be killed."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import requests

from tools.waiting import eventually, free_port
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.embedded import EmbeddedServers, postgres, redis_server
from ucontact_wavy.embedded.processes import all_postgres_in, find, wait_for_end
from ucontact_wavy.run.plan import web

TOKEN = "a-token-of-tests"
PATHS = {kind: f"/Integra/resources/Wavy/{kind}" for kind in ("message", "status")}
THREADS = 8
PREPARE = f"""
import django
django.setup()
from django.core.management import call_command
from providers.config import add_token
from providers.models import Provider
call_command("migrate", verbosity=0)
provider = Provider.objects.create(name="Wavy", number="5511900000001", username="integra", password="secret")
add_token(provider, {TOKEN!r})
"""

DRAIN = """
import django
django.setup()
from django.utils import timezone
from providers.callbacks.drain import drain_messages, drain_statuses
drain_statuses(timezone.now)
drain_messages(timezone.now)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One callback that was posted: its number, the answer's status and how many seconds it took."""

    number: int
    status: int
    seconds: float


class Served:
    """A web server and its two data servers under one VAR_DIR."""

    def __init__(self, var_dir: Path) -> None:
        self.servers = EmbeddedServers(var_dir)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ: dict[str, str] = {}
        self.web: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Migrates an empty database, makes one provider, and serves."""
        urls = self.servers.enter()
        self.environ = {
            **os.environ,
            **urls.environment(),
            "DJANGO_SETTINGS_MODULE": "ucontact_wavy.settings",
            "VAR_DIR": str(self.servers.var_dir),
            "LOG_LEVEL": "CRITICAL",
        }
        self.python("-c", PREPARE)
        self.serve()

    def serve(self, **environ: str) -> None:
        """Serves anew, with these variables besides."""
        self.quit()
        self.web = subprocess.Popen(web(self.port).arguments, cwd=BASE_DIR, env=self.environ | environ)
        eventually(self.is_up, what="the web server answers")

    def is_up(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def quit(self) -> None:
        """Ends the web server; its processes go with it, however they are just busy."""
        if self.web is not None:
            self.web.kill()
            self.web.wait(20)
            self.web = None

    def stop(self) -> None:
        """Ends everything that was started."""
        self.quit()
        self.servers.leave()

    def python(self, *arguments: str) -> str:
        """What a Python program prints that works on these servers."""
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=BASE_DIR, env=self.environ, check=True, capture_output=True, text=True, timeout=60
        ).stdout

    def post(self, kind: str, body: Any, token: str = TOKEN, **more: Any) -> requests.Response:
        return requests.post(
            self.url + PATHS[kind], data=body, params={"token": token} if token else {}, timeout=30, **more
        )

    def drain(self) -> None:
        """Applies what is in the inbox, as a worker would."""
        self.python("-c", DRAIN)

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of the database, past the product."""
        with psycopg.connect(postgres.url(self.servers.layout), autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def forget(self) -> None:
        """An empty inbox."""
        with psycopg.connect(postgres.url(self.servers.layout), autocommit=True) as connection:
            connection.execute(
                "TRUNCATE providers_callback, providers_message, providers_contact, providers_refusedcallbacks CASCADE"
            )

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster and whatever works for it."""
        doomed = all_postgres_in(self.servers.layout.data)
        for process in doomed:
            process.send(signal.SIGKILL)
        assert wait_for_end(doomed, 10) == []

    def revive(self) -> None:
        self.servers.revive()

    def flush_redis(self) -> None:
        with redis_server.client(self.servers.layout) as redis:
            redis.flushall()

    def woken(self) -> set[str]:
        """The tasks that wait for a worker of callbacks."""
        with redis_server.client(self.servers.layout) as redis:
            return {json.loads(entry)["headers"]["task"] for entry in redis.lrange("callbacks", 0, -1)}

    @contextmanager
    def redis_stopped(self) -> Iterator[None]:
        """Redis takes connections, which the kernel does for it, and never answers."""
        with redis_server.client(self.servers.layout) as redis:
            process = find(redis.info()["process_id"])
        assert process is not None
        process.send(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send(signal.SIGCONT)

    @contextmanager
    def flooded(self) -> Iterator[list[Told]]:
        """Callbacks of one message each, as fast as they are answered, for the length of the block."""
        told: list[Told] = []
        over = threading.Event()
        numbers = count()

        def tell() -> None:
            while not over.is_set():
                told.append(self.tell(next(numbers)))

        with ThreadPoolExecutor(THREADS) as pool:
            tellers = [pool.submit(tell) for _ in range(THREADS)]
            try:
                yield told
            finally:
                over.set()
        for teller in tellers:
            teller.result()

    def tell(self, number: int) -> Told:
        """Posts the callback of one message, which its number names."""
        item = f'{{"id":"m-{number}","source":"598991{number:05}","message":{{"messageText":"{number}"}}}}'
        begun = monotonic()
        answer = self.post("message", item)
        return Told(number, answer.status_code, monotonic() - begun)

    def stored(self) -> set[int]:
        """The numbers of the callbacks that are on disk."""
        rows = self.query("SELECT convert_from(body, 'UTF8')::json ->> 'id' FROM providers_callback")
        return {int(name.removeprefix("m-")) for (name,) in rows}
