"""The lane of single messages: how its library is kept in hand. What it promises: test_both_lanes."""

import socket
import ssl
import threading

import pytest
import requests
import responses
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ProxyError

from providers import http
from providers.drivers.base import Answer, Lost
from providers.http import send
from tests.providers.listener import OK, URL, Listener, answering, listening, request_to


@pytest.fixture(autouse=True)
def fresh_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http._sessions, "process", 0)


def test_a_kept_connection_that_was_closed_meanwhile_is_opened_anew() -> None:
    closed = threading.Event()

    def act(peer: socket.socket, listener: Listener) -> None:
        answering(OK)(peer, listener)
        peer.close()
        closed.set()

    with listening(act) as listener:
        assert send(request_to(listener.url)) == Answer(200, b"{}")
        assert closed.wait(10)
        assert send(request_to(listener.url)) == Answer(200, b"{}")
    assert listener.connections == 2


def test_an_idle_connection_is_not_trusted_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(answering(OK, OK)) as listener:
        send(request_to(listener.url))
        monkeypatch.setattr(http, "IDLE_LIMIT", 0.0)
        assert send(request_to(listener.url)) == Answer(200, b"{}")
    assert listener.connections == 2


def test_the_netrc_file_adds_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine wavy.invalid login other password other\n")
    monkeypatch.setenv("NETRC", netrc)
    with responses.RequestsMock() as wavy:
        wavy.post(URL, body=b"{}")
        send(request_to())
        assert "Authorization" not in wavy.calls[0].request.headers


POOL = HTTPConnectionPool("wavy.invalid")
REFUSED = NewConnectionError(HTTPConnection("wavy.invalid"), "refused")


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (requests.ConnectTimeout(), Lost.NOT_SENT),
        (requests.ConnectionError(MaxRetryError(POOL, "/", REFUSED)), Lost.NOT_SENT),
        (requests.exceptions.ProxyError(MaxRetryError(POOL, "/", ProxyError("no", REFUSED))), Lost.NOT_SENT),
        (requests.ReadTimeout(), Lost.UNKNOWN),
        (
            requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104, "reset"))),
            Lost.UNKNOWN,
        ),
        (requests.ConnectionError(MaxRetryError(POOL, "/", ProtocolError("odd"))), Lost.UNKNOWN),
        (requests.exceptions.SSLError(MaxRetryError(POOL, "/", ssl.SSLError("bad record"))), Lost.UNKNOWN),
        (requests.exceptions.ChunkedEncodingError(), Lost.UNKNOWN),
        (requests.ConnectionError(), Lost.UNKNOWN),
        (requests.TooManyRedirects(), Lost.UNKNOWN),
    ],
    ids=lambda value: value.value if isinstance(value, Lost) else type(value).__name__,
)
def test_each_failure_of_the_library_is_told_apart(error: Exception, lost: Lost) -> None:
    with responses.RequestsMock() as wavy:
        wavy.post(URL, body=error)
        assert send(request_to()) is lost
