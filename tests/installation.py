"""A whole installation (`make run`'s processes) and an imitation of Wavy beside it, for tests that cross the wire."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil
import requests

from ucontact_wavy.boot import BASE_DIR

T = TypeVar("T")
OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEYS", "DEBUG", "PUBLIC_URL", "WAVY_TEMPLATES_URL")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(ask: Callable[[], T], seconds: float = 30, what: str = "") -> T:
    """The first truthy answer; an assertion that says what was waited for when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or ask}, last answer {answer!r}"
        time.sleep(0.1)
    return answer


class Wavy:
    """A simulator in a process of its own, so that its counts survive the death of everything else."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator"],
            cwd=BASE_DIR,
            env={**os.environ, "SIMULATOR_PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers, what="the simulator")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False

    def ask(self, path: str) -> Any:
        answer = requests.get(self.url + path, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def tell(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(method, self.url + path, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


class Installation:
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
        self.tokens: dict[str, str] = {}

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
        assert self.process is not None
        text = self.log.read_bytes()[begin:]
        assert self.process.poll() is None, text.decode()[-4000:]
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

    def kill_everything(self) -> None:
        """kill -9 of every process at once, as a power cut would."""
        doomed = self.processes()
        for process in doomed:
            process.suspend()
        for process in doomed:
            process.kill()
        psutil.wait_procs(doomed, timeout=10)
        if self.process is not None:
            self.process.wait(10)

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

    def token(self, user: str) -> str:
        if user not in self.tokens:
            output = self.manage("drf_create_token", user).stdout
            found = re.search(r"Generated token (\w+) for user", output)
            assert found, output
            self.tokens[user] = found[1]
        return self.tokens[user]

    def api(self, method: str, path: str, user: str = "supervisor", **arguments: Any) -> requests.Response:
        """One call of the API as a user of the demo."""
        headers = {"Authorization": f"Token {self.token(user)}"}
        return requests.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=30, **arguments)

    def get(self, path: str, user: str = "supervisor") -> Any:
        answer = self.api("GET", path, user)
        assert answer.ok, answer.text
        return answer.json()

    def connect(self, wavy: Wavy, name: str = "Wavy") -> None:
        """Gives Wavy the provider's callback URLs, as a supervisor would by hand."""
        (provider,) = self.get(f"providers/?name={name}")["results"]
        wavy.tell(
            "PUT",
            "/control/callbacks",
            message_url=provider["message_callback_url"],
            status_url=provider["status_callback_url"],
        )

    def upload(self, lines: list[str], dialer: str = "WavyDialer", user: str = "operator") -> int:
        """Uploads a base and waits until it is loaded; returns its id."""
        (found,) = self.get(f"dialers/?name={dialer}")["results"]
        answer = self.api(
            "POST", f"dialers/{found['id']}/bases/", user, files={"file": ("base.csv", "\n".join(lines))}
        )
        assert answer.status_code == 202, answer.text
        base = int(answer.json()["id"])
        eventually(lambda: self.get(f"bases/{base}/")["state"] != "loading", what="the base is loaded")
        return base

    def dial(self, *arguments: str) -> tuple[int, Any]:
        """`manage.py dial`: its exit code and its JSON."""
        done = self.manage("dial", *arguments)
        return done.returncode, json.loads(done.stdout or "null")
