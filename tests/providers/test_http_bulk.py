"""The bulk lane: many requests at once, forks, secrets. What it promises of each request: test_both_lanes."""

import os

import pytest
import structlog

from providers import http_bulk
from providers.drivers.base import Answer, Lost, Request
from providers.http_bulk import BulkWire
from tests.providers.listener import (
    OK,
    Act,
    answering,
    close_after_request,
    free_port,
    listening,
    request_to,
)


@pytest.fixture(autouse=True)
def fresh_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections of its own for each test, so that no connection of another is used again."""
    monkeypatch.setattr(http_bulk, "_spare", [])


def send(*requests: Request, connect: float = 2, read: float = 2) -> list[Answer | Lost]:
    """The answers to requests that leave at once, in the requests' order."""
    wire = BulkWire[int](connect_timeout=connect, read_timeout=read)
    wire.launch(enumerate(requests))
    answers: dict[int, Answer | Lost] = {}
    while wire.in_flight:
        answers.update(wire.collect(30))
    return [answers[nth] for nth in range(len(requests))]


def test_each_of_the_requests_that_leave_at_once_has_its_own_answer() -> None:
    no_connection = [request_to(f"http://127.0.0.1:{free_port()}/"), request_to("http://nowhere.invalid/")]
    with listening(answering(OK)) as good, listening(close_after_request) as lost:
        answers = send(no_connection[0], request_to(good.url), request_to(lost.url), no_connection[1])
    assert answers == [Lost.NOT_SENT, Answer(200, b"{}"), Lost.UNKNOWN, Lost.NOT_SENT]


def test_a_fork_begins_a_loop_of_its_own() -> None:
    with listening(answering(OK)) as first, listening(answering(OK)) as second:
        assert send(request_to(first.url)) == [Answer(200, b"{}")]
        child = os.fork()
        if not child:
            os._exit(0 if send(request_to(second.url)) == [Answer(200, b"{}")] else 1)
        assert os.waitpid(child, 0)[1] == 0


# Secrets


@pytest.mark.parametrize(
    "act",
    [
        answering(b"HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\nt0ken-secret"),
        close_after_request,
        answering(b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"),
    ],
    ids=["refused", "lost", "bad request"],
)
def test_nothing_secret_reaches_the_log_or_an_answer(act: Act) -> None:
    with listening(act) as listener, structlog.testing.capture_logs() as logs:
        answers = send(request_to(f"{listener.url}?key=t0ken-secret&other=query-secret"))
    [event] = logs
    assert (event["event"], event["url"]) == ("provider_request", listener.url)
    assert "secret" not in str(event) + str(answers)
