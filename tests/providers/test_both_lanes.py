"""Both lanes to the providers keep the same promises: what left, what did not, and what nobody can know."""

import gzip
import socket
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import pytest

from providers import http, http_bulk
from providers.drivers.base import Answer, Lost, Request
from providers.http_bulk import BulkWire
from tests.providers.listener import (
    OK,
    URL,
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


@dataclass(frozen=True)
class Lane:
    """One way out: sends a request and waits for what came of it. `module` holds its limits."""

    module: ModuleType
    send_in: Callable[[Request, float, float], Answer | Lost]

    def send(self, request: Request, *, connect: float = 5, read: float = 30) -> Answer | Lost:
        return self.send_in(request, connect, read)


def send_single(request: Request, connect: float, read: float) -> Answer | Lost:
    return http.send(request, connect_timeout=connect, read_timeout=read)


def send_bulk(request: Request, connect: float, read: float) -> Answer | Lost:
    wire = BulkWire[int](connect_timeout=connect, read_timeout=read)
    wire.launch([(1, request)])
    while not (answers := wire.collect(30)):
        pass
    [(_key, answer)] = answers
    return answer


SINGLE, BULK = Lane(http, send_single), Lane(http_bulk, send_bulk)


@pytest.fixture(params=[SINGLE, BULK], ids=["single", "bulk"])
def lane(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Lane:
    """Each with connections of its own, so that none of another test is used again."""
    monkeypatch.setattr(http._sessions, "process", 0)
    monkeypatch.setattr(http_bulk, "_spare", [])
    found: Lane = request.param
    return found


# What is certain not to have left


def test_a_refused_connection_left_nothing(lane: Lane) -> None:
    assert lane.send(request_to(f"http://127.0.0.1:{free_port()}/")) is Lost.NOT_SENT


def test_an_unknown_host_left_nothing(lane: Lane) -> None:
    assert lane.send(request_to("http://nowhere.invalid/")) is Lost.NOT_SENT


def test_a_connection_that_is_not_taken_in_time_left_nothing(lane: Lane) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:  # fill the queue of the kernel, so that the next connection waits
            filler.setblocking(False)
            filler.connect_ex(server.getsockname())
        try:
            lost = lane.send(request_to(f"http://127.0.0.1:{server.getsockname()[1]}/"), connect=0.3)
        finally:
            for filler in fillers:
                filler.close()
    assert lost is Lost.NOT_SENT


def answer_in_clear(peer: socket.socket, listener: Listener) -> None:
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def reset_in_handshake(peer: socket.socket, listener: Listener) -> None:
    peer.recv(1)
    reset(peer)


def close_in_handshake(peer: socket.socket, listener: Listener) -> None:
    peer.recv(65536)


@pytest.mark.parametrize(
    "act",
    [answer_in_clear, reset_in_handshake, close_in_handshake, silent_from_the_start],
    ids=["no TLS there", "reset", "closed", "time-out"],
)
def test_a_tls_handshake_that_fails_left_nothing(lane: Lane, act: Act) -> None:
    with listening(act) as listener:
        url = listener.url.replace("http://", "https://")
        assert lane.send(request_to(url), connect=0.3, read=5) is Lost.NOT_SENT


@pytest.mark.parametrize(
    "url", ["", "nonsense", "gopher://a.invalid/", "http://", "http://[::1", "http://127.0.0.1:99999/"]
)
def test_an_address_that_is_none_left_nothing(lane: Lane, url: str) -> None:
    assert lane.send(request_to(url)) is Lost.NOT_SENT


def test_a_header_that_cannot_be_sent_left_nothing(lane: Lane) -> None:
    with listening(answering(OK)) as listener:
        assert lane.send(request_to(listener.url, token="two\r\nlines")) is Lost.NOT_SENT
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
            answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), id="no last chunk"
        ),
        pytest.param(
            answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"),
            id="no gzip",
        ),
    ],
)
def test_what_happens_after_the_request_left_is_unknown_and_sent_once(lane: Lane, act: Act) -> None:
    with listening(act) as listener:
        assert lane.send(request_to(listener.url), read=0.3, connect=0.3) is Lost.UNKNOWN
    assert len(listener.requests) == 1


def test_a_kept_connection_that_is_reset_under_the_request_is_unknown(lane: Lane) -> None:
    def act(peer: socket.socket, listener: Listener) -> None:
        answering(OK)(peer, listener)
        if len(listener.requests) == 1:
            take_request(peer, listener)
            reset(peer)

    with listening(act) as listener:
        assert lane.send(request_to(listener.url)) == Answer(200, b"{}")
        assert lane.send(request_to(listener.url)) is Lost.UNKNOWN
    assert (len(listener.requests), listener.connections) == (2, 1)


# Answers


def test_an_answer_is_its_status_and_its_body(lane: Lane) -> None:
    with listening(answering(OK)) as listener:
        assert lane.send(request_to(listener.url)) == Answer(200, b"{}")
    [received] = listener.requests
    assert received.startswith(b"POST /v1/whatsapp/send HTTP/1.1\r\n")
    assert b"AuthenticationToken: t0ken-secret\r\n" in received
    assert b"User-Agent: uContact-Wavy\r\n" in received


def test_headers_that_break_off_leave_an_answer_without_a_body(lane: Lane) -> None:
    with listening(answering(b"HTTP/1.1 200 OK\r\nContent-Le")) as listener:
        assert lane.send(request_to(listener.url)) == Answer(200, b"")


def test_one_connection_serves_many_requests(lane: Lane) -> None:
    with listening(answering(OK, OK, OK)) as listener:
        assert [lane.send(request_to(listener.url)) for _ in range(3)] == [Answer(200, b"{}")] * 3
    assert listener.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(lane: Lane) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(moved)) as listener:
        assert lane.send(request_to(listener.url)) == Answer(302, b"")
    assert len(listener.requests) == 1


def test_a_503_is_not_tried_again(lane: Lane) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    with listening(answering(busy, OK)) as listener:
        assert lane.send(request_to(listener.url)) == Answer(503, b"")
    assert len(listener.requests) == 1


def test_chunks_and_gzip_are_undone(lane: Lane) -> None:
    packed = gzip.compress(b'{"id": "1"}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    with listening(answering(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))) as listener:
        assert lane.send(request_to(listener.url)) == Answer(200, b'{"id": "1"}')


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_huge_answer_is_cut(lane: Lane, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(lane.module, "LARGEST_BODY", 1000)
    body = gzip.compress(b"x" * 500_000) if packed else b"x" * 500_000
    encoding = b"Content-Encoding: gzip\r\n" if packed else b""
    with listening(
        answering(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (encoding, len(body), body))
    ) as it:
        assert lane.send(request_to(it.url)) == Answer(200, b"x" * 1000)


def test_cookies_of_one_account_do_not_come_back_with_the_next(lane: Lane) -> None:
    with_cookie = OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=ana; Path=/\r\n\r\n")
    with listening(answering(with_cookie, OK)) as listener:
        lane.send(request_to(listener.url))
        lane.send(request_to(listener.url))
    assert b"cookie" not in listener.requests[1].lower()


def test_loopback_is_reached_directly_and_others_through_the_proxy(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with listening(answering(OK)) as proxy, listening(answering(OK)) as direct:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        lane.send(request_to(direct.url))
        lane.send(request_to(URL))
    assert direct.requests[0].startswith(b"POST /v1/whatsapp/send ")
    assert proxy.requests[0].startswith(b"POST http://wavy.invalid/v1/whatsapp/send ")


def test_a_proxy_that_refuses_left_nothing(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert lane.send(request_to(URL)) is Lost.NOT_SENT
