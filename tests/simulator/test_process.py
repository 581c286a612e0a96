"""Start and end of the process, and what it reads from the environment."""

import signal
import socket

import pytest
import requests

from tests.simulator.process import HEADERS, HELLO, MARIA, Simulator, launch, running
from tests.simulator.receiver import Receiver


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_ends_it_at_once(receiver: Receiver, number: signal.Signals) -> None:
    receiver.gate.clear()
    with running({"SIMULATOR_MESSAGE_URL": receiver.url}) as simulator:
        simulator.say("Hello")
        receiver.next()
        assert simulator.stop(number) == 0
        assert simulator.process.stderr
        assert simulator.process.stderr.read() == ""


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"SIMULATOR_PORT": "a"}, "SIMULATOR_PORT must be a whole number"),
        ({"SIMULATOR_PORT": "70000"}, "from 0 to 65535"),
        ({"SIMULATOR_SEED": "1.5"}, "SIMULATOR_SEED"),
        ({"SIMULATOR_ORIGIN": "+55"}, "SIMULATOR_ORIGIN"),
        ({"SIMULATOR_ACCOUNTS": "maria"}, "user=number"),
        ({"SIMULATOR_STATUS_URL": "status"}, "http"),
    ],
    ids=["port in words", "port too high", "seed", "origin", "accounts", "status url"],
)
def test_a_wrong_setting_is_told_at_the_start(environ: dict[str, str], complaint: str) -> None:
    with launch(environ) as process:
        _, said = process.communicate(timeout=10)
    assert process.returncode == 2
    assert complaint in said
    assert "Traceback" not in said


def test_a_port_in_use_is_told_at_the_start() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, launch({"SIMULATOR_PORT": str(taken.getsockname()[1])}) as process:
        _, said = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "cannot listen" in said


def test_the_environment_gives_credentials_urls_and_numbers(receiver: Receiver) -> None:
    environ = {
        "SIMULATOR_USERNAME": "maria",
        "SIMULATOR_PASSWORD": "wrong",
        "SIMULATOR_MESSAGE_URL": f"{receiver.url}/message",
        "SIMULATOR_STATUS_URL": f"{receiver.url}/status",
        "SIMULATOR_ORIGIN": "5511900000009",
    }
    body = {"destinations": [{"destination": MARIA}], "message": HELLO}
    with running(environ) as simulator:
        assert simulator.post(body, AuthenticationToken="other").status_code == 401
        assert simulator.post(body, AuthenticationToken="wrong").status_code == 200
        assert receiver.next().body["data"][0]["origin"] == "5511900000009"
        simulator.say("Hello")
        simulator.flush()
        assert {call.path for call in receiver.all()} == {"/status", "/message"}


def test_ids_of_two_runs_differ() -> None:
    ids = set()
    for _ in range(2):
        with running() as simulator:
            ids.add(simulator.send().json()["id"])
            ids.add(simulator.say("Hello")["id"])
    assert len(ids) == 4


def test_it_says_that_it_is_up(simulator: Simulator) -> None:
    assert simulator.ask("GET", "/healthz") == {"status": "ok"}


def test_a_large_group_is_taken_whole(simulator: Simulator) -> None:
    numbers = [f"55119{number:08d}" for number in range(10_000)]
    assert len(simulator.send(*numbers).json()["destinations"]) == 10_000
    assert simulator.counts()["accepted"] == 10_000


def test_requests_on_one_connection_are_answered_in_order(simulator: Simulator) -> None:
    host, _, port = simulator.url.removeprefix("http://").partition(":")
    paths = ["/healthz", "/nothing", "/healthz"]
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall("".join(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths[:2]).encode())
        connection.sendall(f"GET {paths[2]} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404", b"200"]


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("NONSENSE", b"400"),
        ("POST /healthz HTTP/1.1\r\nContent-Length: many", b"400"),
        ("POST /healthz HTTP/1.1\r\nTransfer-Encoding: chunked", b"411"),
        ("POST /healthz HTTP/1.1\r\nContent-Length: 99999999999", b"413"),
    ],
    ids=["no HTTP", "length in words", "chunked", "too long"],
)
def test_what_cannot_be_read_is_refused_and_the_connection_closed(
    simulator: Simulator, head: str, status: bytes
) -> None:
    host, _, port = simulator.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 " + status)


def test_header_names_may_be_written_in_any_case(simulator: Simulator) -> None:
    body = {"destinations": [{"destination": MARIA}], "message": HELLO}
    headers = {name.upper(): value for name, value in HEADERS.items()}
    assert (
        requests.post(f"{simulator.url}/v1/whatsapp/send", json=body, headers=headers, timeout=5).status_code
        == 200
    )
