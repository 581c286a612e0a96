"""A whole installation (`make run`'s processes) on a VAR_DIR of its own, for tests and tools that cross the wire."""

import json
import re
from pathlib import Path
from typing import Any

import requests

from tools.processes import InstallationError, Processes
from tools.waiting import eventually
from tools.wavy import Wavy

__all__ = ["PASSWORD", "Installation", "InstallationError"]

PASSWORD = "wavy-demo"  # noqa: S105 - the demo's, which `make run` prints


class Installation(Processes):
    """The processes, and what people of the demo do with them through the API."""

    def __init__(self, var_dir: Path, wavy: Wavy, **environ: str) -> None:
        super().__init__(var_dir, wavy, **environ)
        self.tokens: dict[str, str] = {}

    def token(self, user: str) -> str:
        if user not in self.tokens:
            done = self.manage("drf_create_token", user)
            found = re.search(r"Generated token (\w+) for user", done.stdout)
            if not found:
                raise InstallationError(done.stdout + done.stderr)
            self.tokens[user] = found[1]
        return self.tokens[user]

    def api(self, method: str, path: str, user: str = "supervisor", **arguments: Any) -> requests.Response:
        """One call of the API as a user of the demo."""
        headers = {"Authorization": f"Token {self.token(user)}"}
        return requests.request(method, f"{self.url}/api/v1/{path}", headers=headers, timeout=30, **arguments)

    def done(self, method: str, path: str, user: str = "supervisor", **arguments: Any) -> Any:
        """The JSON of a call that must succeed; raises InstallationError with its answer otherwise."""
        answer = self.api(method, path, user, **arguments)
        if not answer.ok:
            raise InstallationError(f"{method} {path}: {answer.status_code} {answer.text[:2000]}")
        return answer.json()

    def get(self, path: str, user: str = "supervisor") -> Any:
        return self.done("GET", path, user)

    def connect(self, wavy: Wavy, name: str = "Wavy") -> None:
        """Gives Wavy the provider's callback URLs, as a supervisor would by hand."""
        (provider,) = self.get(f"providers/?name={name}")["results"]
        wavy.tell(
            "PUT",
            "/control/callbacks",
            message_url=provider["message_callback_url"],
            status_url=provider["status_callback_url"],
        )

    def upload(
        self, lines: list[str], dialer: str = "WavyDialer", user: str = "operator", seconds: float = 30
    ) -> int:
        """Uploads a base and waits until it is loaded; returns its id."""
        (found,) = self.get(f"dialers/?name={dialer}")["results"]
        file = ("base.csv", "\n".join(lines))
        base = int(self.done("POST", f"dialers/{found['id']}/bases/", user, files={"file": file})["id"])
        eventually(lambda: self.get(f"bases/{base}/")["state"] != "loading", seconds, "the base is loaded")
        return base

    def dial(self, *arguments: str) -> tuple[int, Any]:
        """`manage.py dial`: its exit code and its JSON."""
        done = self.manage("dial", *arguments)
        return done.returncode, json.loads(done.stdout or "null")
