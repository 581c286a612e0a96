"""The bulk lane keeps the rules of the one door: what left, what did not, and what nobody can know."""

import gzip
import os
import socket

import pytest
import structlog

from providers import http_bulk
from providers.drivers.base import Answer, Lost, Request
from providers.http_bulk import BulkWire
from tests.providers.listener import (
    OK,
    Act,
    Listener,
    answering,
    close_after_request,
    drip,
    free_port,
    listening,
    request_to,
    reset,
    reset_after_request,
    silent_after_request,
    silent_from_the_start,
    take_request,
)
from tests.providers.test_http import answer_in_clear, close_in_handshake, reset_in_handshake


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


# What is certain not to have left


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "gopher://a.invalid/", "http://", "http://[::1", "http://127.0.0.1:99999/"],
)
def test_an_address_that_is_none_left_nothing(url: str) -> None:
    assert send(request_to(url)) == [Lost.NOT_SENT]


def test_a_refused_connection_and_an_unknown_host_left_nothing() -> None:
    refused = request_to(f"http://127.0.0.1:{free_port()}/")
    assert send(refused, request_to("http://nowhere.invalid/")) == [Lost.NOT_SENT] * 2


def test_a_connection_that_is_not_taken_in_time_left_nothing() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:  # fill the queue of the kernel, so that the next connection waits
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        try:
            lost = send(request_to(f"http://127.0.0.1:{server.getsockname()[1]}/"), connect=0.3)
        finally:
            for filler in fillers:
                filler.close()
    assert lost == [Lost.NOT_SENT]


@pytest.mark.parametrize(
    "act",
    [answer_in_clear, reset_in_handshake, close_in_handshake, silent_from_the_start],
    ids=["no TLS there", "reset", "closed", "time-out"],
)
def test_a_tls_handshake_that_fails_left_nothing(act: Act) -> None:
    with listening(act) as listener:
        url = listener.url.replace("http://", "https://")
        assert send(request_to(url), connect=0.3, read=5) == [Lost.NOT_SENT]


def test_a_header_that_cannot_be_sent_left_nothing() -> None:
    with listening(answering(OK)) as listener:
        assert send(request_to(listener.url, token="two\r\nlines")) == [Lost.NOT_SENT]
    assert listener.requests == []


# What nobody can know


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(reset_after_request, id="reset after the request"),
        pytest.param(close_after_request, id="closed after the request"),
        pytest.param(silent_after_request, id="read time-out"),
        pytest.param(drip, id="an answer that never ends"),
        pytest.param(answering(b"not HTTP at all\r\n\r\n"), id="not HTTP"),
        pytest.param(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"), id="half the body"),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), id="half a chunk"
        ),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
            id="no gzip",
        ),
    ],
)
def test_what_happens_after_the_request_left_is_unknown_and_sent_once(act: Act) -> None:
    with listening(act) as listener:
        assert send(request_to(listener.url), connect=0.3, read=0.3) == [Lost.UNKNOWN]
    assert len(listener.requests) == 1


def test_a_kept_connection_that_is_reset_under_the_request_is_unknown_and_sent_once() -> None:
    def act(peer: socket.socket, listener: Listener) -> None:
        answering(OK)(peer, listener)
        take_request(peer, listener)
        reset(peer)

    with listening(act) as listener:
        assert send(request_to(listener.url)) == [Answer(200, b"{}")]
        assert send(request_to(listener.url)) == [Lost.UNKNOWN]
    assert (len(listener.requests), listener.connections) == (2, 1)


# Answers


def test_an_answer_is_its_status_and_its_body() -> None:
    with listening(answering(OK)) as listener:
        assert send(request_to(listener.url)) == [Answer(200, b"{}")]
    [received] = listener.requests
    assert received.startswith(b"POST /v1/whatsapp/send HTTP/1.1\r\n")
    assert b"AuthenticationToken: t0ken-secret\r\n" in received
    assert b"User-Agent: uContact-Wavy\r\n" in received


def test_a_redirect_is_an_answer_and_a_503_is_not_tried_again() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(moved, busy)) as listener:
        assert send(request_to(listener.url)) == [Answer(302, b"")]
        assert send(request_to(listener.url)) == [Answer(503, b"")]
    assert len(listener.requests) == 2


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_huge_answer_is_cut(monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(http_bulk, "LARGEST_BODY", 1000)
    body = gzip.compress(b"x" * 500_000) if packed else b"x" * 500_000
    encoding = b"Content-Encoding: gzip\r\n" if packed else b""
    head = b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (encoding, len(body))
    with listening(answering(head + body)) as listener:
        assert send(request_to(listener.url)) == [Answer(200, b"x" * 1000)]


def test_cookies_of_one_account_do_not_come_back_with_the_next() -> None:
    with_cookie = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=ana; Path=/\r\n\r\n")
    with listening(answering(with_cookie, OK)) as listener:
        send(request_to(listener.url))
        send(request_to(listener.url))
    assert len(listener.requests) == 2
    assert b"cookie" not in listener.requests[1].lower()


def test_loopback_is_reached_directly_and_others_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with listening(answering(OK)) as proxy, listening(answering(OK)) as direct:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert send(request_to(direct.url)) == [Answer(200, b"{}")]
        assert send(request_to("http://wavy.invalid/v1/whatsapp/send")) == [Answer(200, b"{}")]
    assert proxy.requests[0].startswith(b"POST http://wavy.invalid/v1/whatsapp/send")


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
