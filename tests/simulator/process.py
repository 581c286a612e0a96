"""Starts the simulator as a real process and speaks HTTP with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
HEADERS = {"UserName": "maria", "AuthenticationToken": "secret"}
ORIGIN = "5511900000001"
MARIA = "5511910000001"
NAMESPACE = "whatsapp:hsm:ecommerce:movile"


def hsm(*parameters: str, code: str = "chatclub_open_session_v2", **more: Any) -> dict[str, Any]:
    """A template message with these parameters."""
    return {"hsm": {"namespace": NAMESPACE, "elementName": code, "parameters": list(parameters), **more}}


HELLO = hsm("Integra", "Operation Performed")


class Simulator:
    """One running simulator."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self.process = process
        self.url = url
        self.http = requests.Session()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        return self.http.request(method, self.url + path, json=body, timeout=20, **more)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.call(method, path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, body: Any, path: str = "/v1/whatsapp/send", **headers: str) -> requests.Response:
        return self.call("POST", path, body, headers=HEADERS | headers)

    def send(self, *numbers: str, message: Any = HELLO, **more: Any) -> requests.Response:
        """One request; each recipient's correlation id is `c-` and the number."""
        destinations = [
            {"destination": number, "correlationId": f"c-{number}"} for number in numbers or (MARIA,)
        ]
        return self.post({"destinations": destinations, "message": message, **more})

    def switch(self, **faults: Any) -> None:
        self.ask("PUT", "/control/faults", faults)

    def say(self, text: str = "Hello", source: str = MARIA, **more: Any) -> Any:
        return self.ask("POST", "/control/say", {"source": source, "text": text, **more})

    def flush(self) -> Any:
        return self.ask("POST", "/control/callbacks/flush")

    def counts(self) -> Any:
        return self.ask("GET", "/control/counts")

    def received(self, number: str = MARIA) -> list[Any]:
        """What the phone got so far."""
        messages = self.ask("GET", f"/control/received?number={number}")["messages"]
        assert isinstance(messages, list)
        return messages

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=5)


def launch(environ: Mapping[str, str]) -> "subprocess.Popen[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SIMULATOR_")}
    return subprocess.Popen(
        [sys.executable, "-m", "simulator"],
        cwd=ROOT,
        env={**clean, "SIMULATOR_PORT": "0", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(environ: Mapping[str, str] | None = None) -> Iterator[Simulator]:
    """A simulator on a free port, stopped at the end."""
    process = launch(environ or {})
    with process:
        assert process.stdout
        said = process.stdout.readline()
        try:
            assert "http://" in said, process.stderr and process.stderr.read()
            simulator = Simulator(process, said.split("http://")[1].split("/")[0])
            simulator.url = f"http://{simulator.url}"
            yield simulator
        finally:
            process.terminate()
