"""The contract's table of answers, over HTTP, as the web server of `make run` gives them."""

import http.client
from collections.abc import Iterator
from typing import Any

import pytest

from tests.served.served import PATHS, TOKEN, Served
from tools.waiting import eventually

LIMIT = 10 * 1024 * 1024
LARGE = b'{"a":"' + b"x" * (LIMIT - 8) + b'"}'


def in_chunks(body: bytes) -> Iterator[bytes]:
    """A body whose length nobody says in advance."""
    for begin in range(0, len(body), 100_000):
        yield body[begin : begin + 100_000]


def whole(body: bytes) -> bytes:
    return body


ROWS: dict[str, tuple[bytes, str, int, bool]] = {  # body, token, answer, stored
    "an object": (b'{"total":0,"data":[]}', TOKEN, 200, True),
    "an array": (b"[]", TOKEN, 200, True),
    "not JSON": (b"\x00nonsense", TOKEN, 400, True),
    "empty": (b"", TOKEN, 400, True),
    "a wrong token": (b"{}", "wrong", 403, False),
    "no token": (b"{}", "", 403, False),
    "10 MiB": (LARGE, TOKEN, 200, True),
    "a byte more": (LARGE + b" ", TOKEN, 413, False),
}


@pytest.mark.parametrize("way", [whole, in_chunks], ids=["with a length", "in chunks"])
@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("row", ROWS)
def test_each_callback_gets_its_answer(served: Served, row: str, kind: str, way: Any) -> None:
    body, token, status, stored = ROWS[row]
    answer = served.post(kind, way(body), token)
    assert answer.status_code == status
    assert answer.json() == ({} if status == 200 else {"status": status, "detail": answer.json()["detail"]})
    found = served.query("SELECT kind, body FROM providers_callback")
    assert found == ([(kind, body)] if stored else [])


@pytest.mark.parametrize(
    ("method", "kind", "status"),
    [
        ("GET", "message", 200),
        ("GET", "status", 405),
        ("HEAD", "message", 405),
        ("HEAD", "status", 405),
        ("PUT", "message", 405),
        ("PUT", "status", 405),
        ("PATCH", "status", 405),
        ("DELETE", "message", 405),
        ("OPTIONS", "message", 405),
        ("TRACE", "status", 405),
        ("WHATEVER", "message", 405),
    ],
)
def test_each_method_gets_its_answer(served: Served, method: str, kind: str, status: int) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    wire.request(method, f"{PATHS[kind]}?token={TOKEN}&id=1&source=59899123456")
    assert wire.getresponse().status == status
    wire.close()
    assert len(served.query("SELECT 1 FROM providers_callback")) == (status == 200)


def test_the_token_may_be_the_password_of_basic_authentication(served: Served) -> None:
    assert served.post("status", b"{}", "", auth=("anybody", TOKEN)).status_code == 200
    assert served.post("status", b"{}", "", auth=(TOKEN, "anything")).status_code == 403


def test_a_body_that_breaks_off_is_not_stored_and_harms_nobody(served: Served) -> None:
    wire = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    wire.putrequest("POST", f"{PATHS['status']}?token={TOKEN}")
    wire.putheader("Content-Length", "1000")
    wire.endheaders(b'{"data":[')
    wire.close()
    assert served.post("status", b"[]").status_code == 200
    assert served.query("SELECT body FROM providers_callback") == [(b"[]",)]


def test_the_drain_is_woken_at_once(served: Served) -> None:
    served.flush_redis()
    for kind in PATHS:
        served.post(kind, b"[]")
    eventually(lambda: served.woken() == {"providers.drain_messages", "providers.drain_statuses"}, 5)


def test_an_open_path_is_open_to_the_listed_network_alone_also_through_our_proxy(served: Served) -> None:
    try:
        served.serve(
            WAVY_OPEN_CALLBACKS="true", WAVY_CALLBACK_ADDRESSES="192.0.2.0/24", TRUSTED_PROXIES="127.0.0.1"
        )
        answers = {
            forwarded: served.post("status", b"{}", "", headers={"X-Forwarded-For": forwarded}).status_code
            for forwarded in ("192.0.2.1", "203.0.113.9, 192.0.2.1", "192.0.2.1, 203.0.113.9", "")
        }
    finally:
        served.serve()
    assert list(answers.values()) == [200, 200, 403, 403]
