"""An imitation of Wavy in a process of its own, so that its counts survive the death of everything else."""

import os
import subprocess
import sys
from typing import Any

import requests

from tools.waiting import eventually, free_port
from ucontact_wavy.boot import BASE_DIR


class Wavy:
    """One running simulator. Extra variables (`SIMULATOR_KEEP="1000000"`) go to it alone."""

    def __init__(self, **environ: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator"],
            cwd=BASE_DIR,
            env={**os.environ, **environ, "SIMULATOR_PORT": str(self.port)},
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers, what="the simulator")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False

    def ask(self, path: str) -> Any:
        answer = requests.get(self.url + path, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def tell(self, method: str, path: str, **body: Any) -> Any:
        answer = requests.request(method, self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def totals(self) -> Any:
        """Its counts without one entry for each destination."""
        return self.ask("/control/counts?details=0")

    def switch(self, **faults: Any) -> None:
        self.tell("PUT", "/control/faults", **faults)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
