"""The processes of `make run` on a VAR_DIR of their own: started, looked at, killed."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tools.waiting import eventually, free_port
from tools.wavy import Wavy
from ucontact_wavy import secret_file
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.embedded import EmbeddedServers, Urls, postgres, redis_server
from ucontact_wavy.embedded.layout import Layout
from ucontact_wavy.run.child import MARK

OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "DEBUG", "PUBLIC_URL", "WAVY_TEMPLATES_URL")


class InstallationError(RuntimeError):
    """The installation does not do what it was asked; the text holds what it said."""


class Processes:
    """One VAR_DIR with everything that `make run` starts on it."""

    def __init__(self, var_dir: Path, wavy: Wavy, **environ: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {key: value for key, value in os.environ.items() if key not in OWN} | {
            "VAR_DIR": str(var_dir),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(free_port()),
            "PUSH_PORT": str(free_port()),
            "WAVY_API_URL": wavy.url,
            "WAVY_TEMPLATES_URL": wavy.url,
            **environ,
        }
        self.log = var_dir.parent / f"{var_dir.name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 120) -> None:
        """Starts everything and waits for `Ready`."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ucontact_wavy.run"],
                cwd=BASE_DIR,
                env=self.environ,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        eventually(lambda: self._ready(begin), seconds, f"Ready in {self.log}")

    def _ready(self, begin: int) -> bool:
        text = self.log.read_bytes()[begin:]
        if self.process is None or self.process.poll() is not None:
            raise InstallationError(text.decode()[-4000:])
        return f"Ready: {self.url}/".encode() in text

    def stop(self) -> None:
        """Ctrl-C; whatever is left after that is killed."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.kill_everything()

    def processes(self) -> list[psutil.Process]:
        """Every process of this installation: they all carry its VAR_DIR in arguments or environment."""
        mine = []
        for process in psutil.process_iter():
            try:
                carried = " ".join(process.cmdline()) + process.environ().get("VAR_DIR", "")
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
            if str(self.var_dir) in carried and process.pid != os.getpid():
                mine.append(process)
        return mine

    def children(self) -> dict[str, psutil.Process]:
        """The processes that the supervisor keeps, by the name of their program."""
        if self.process is None:
            return {}
        found = {}
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                found[child.environ().get(MARK, "")] = child
        return {name: child for name, child in found.items() if name}

    def kill_everything(self) -> None:
        """kill -9 of every process at once, as a power cut would."""
        doomed = self.processes()
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(doomed, timeout=10)
        if self.process is not None:
            self.process.wait(10)

    def layout(self) -> Layout:
        """Where its embedded servers keep their files."""
        return EmbeddedServers(self.var_dir).layout

    def whole_environment(self) -> dict[str, str]:
        """What another program needs to work on this installation: servers and secrets too."""
        layout = self.layout()
        urls = Urls(postgres.url(layout), redis_server.url(layout))
        return self.environ | secret_file.load(self.var_dir) | urls.environment()

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection of one's own, past the product; each statement by itself."""
        with psycopg.connect(postgres.url(self.layout()), autocommit=True) as connection:
            yield connection

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A manage.py command on this installation."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=BASE_DIR,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
