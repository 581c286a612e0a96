"""Who may listen: with a ticket of ours that is not too old, from a page of ours."""

import time

import pytest
from django.core import signing

from providers.streams import TICKET_HOURS, Ticket, seal
from tests.push.pushing import PAGES, SECRET, Pushing
from ucontact_wavy.push.origins import may_listen

TICKET = Ticket(1)


@pytest.mark.parametrize(
    "ticket",
    [
        pytest.param("", id="none"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param(seal(TICKET, "another key"), id="of somebody else"),
        pytest.param(seal(TICKET, SECRET)[:-1], id="cut off"),
        pytest.param(signing.dumps([1, [], None], key=SECRET), id="signed for something else"),
    ],
)
def test_no_stream_opens_without_a_ticket_of_ours(pushing: Pushing, ticket: str) -> None:
    answer = pushing.ask(ticket)
    assert (answer.status_code, answer.text) == (403, "This ticket is not valid, or not any more.\n")
    assert answer.headers["Access-Control-Allow-Origin"] == PAGES


def test_a_ticket_ends_after_hours(pushing: Pushing, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now - TICKET_HOURS * 3600 - 5)  # type: ignore[attr-defined]
    old = seal(TICKET, SECRET)
    monkeypatch.undo()
    assert pushing.ask(old).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status", "allowed"),
    [
        pytest.param(PAGES, 200, PAGES, id="a page of ours"),
        pytest.param("http://127.0.0.1:8000", 200, "http://127.0.0.1:8000", id="of the same host"),
        pytest.param("", 200, None, id="through the same proxy"),
        pytest.param("http://elsewhere.example", 403, None, id="of another site"),
    ],
)
def test_only_pages_of_ours_may_listen(
    pushing: Pushing, origin: str, status: int, allowed: str | None
) -> None:
    with pushing.ask(seal(TICKET, SECRET), origin) as answer:
        assert answer.status_code == status
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        pytest.param("https://desk.example", "10.0.0.7:8001", True, id="the public address behind a proxy"),
        pytest.param("http://desk.example", "10.0.0.7:8001", False, id="not over https"),
        pytest.param("https://desk.example:444", "10.0.0.7:8001", False, id="another port"),
        pytest.param("http://10.0.0.7:8000", "10.0.0.7:8001", True, id="the same host"),
        pytest.param("http://[::1]:8000", "[::1]:8001", True, id="the same host by IPv6"),
        pytest.param("http://10.0.0.70:8000", "10.0.0.7:8001", False, id="a host that begins alike"),
        pytest.param("null", "", False, id="a page without origin"),
        pytest.param("null", "[", False, id="nonsense"),
    ],
)
def test_origins(origin: str, host: str, may: bool) -> None:
    assert may_listen(origin, host, "https://desk.example") is may
