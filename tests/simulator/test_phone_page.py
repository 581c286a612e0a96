"""The page with the phones: what it is made of and what it polls."""

import re
from typing import Any

import pytest

from tests.simulator.process import HELLO, MARIA, ORIGIN, Simulator


def news(simulator: Simulator, **query: str) -> Any:
    parts = "&".join(f"{name}={value}" for name, value in query.items())
    return simulator.ask("GET", f"/phone/news?{parts}")


def test_the_page_runs_nothing_but_its_own_files(simulator: Simulator) -> None:
    page = simulator.call("GET", f"/phone/?number={MARIA}")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", page.text)
    for path in re.findall(r'(?:src|href)="(/phone/static/[^"]+)"', page.text):
        assert simulator.call("GET", path).status_code == 200, path


@pytest.mark.parametrize("path", ["/", "/phone"], ids=["root", "without slash"])
def test_the_page_is_found(simulator: Simulator, path: str) -> None:
    assert simulator.call("GET", path).url.endswith("/phone/")


@pytest.mark.parametrize(
    "path",
    [
        "/phone/static/../faults.py",
        "/phone/static/%2e%2e/faults.py",
        "/phone/nothing.html",
        "/phone/README.md",
    ],
    ids=["parent", "encoded parent", "unknown", "not of the page"],
)
def test_nothing_else_is_served(simulator: Simulator, path: str) -> None:
    assert simulator.call("GET", path).status_code == 404


def test_the_list_shows_the_newest_first_with_unread_counts(simulator: Simulator) -> None:
    simulator.send("5511910000002")
    simulator.flush()
    simulator.send(MARIA)
    simulator.send(MARIA)
    simulator.flush()
    shown = [(phone["number"], phone["unread"]) for phone in news(simulator)["phones"]]
    assert shown == [(MARIA, 2), ("5511910000002", 1)]


def test_looking_at_a_chat_reads_it(simulator: Simulator) -> None:
    simulator.send()
    simulator.flush()
    assert news(simulator, number=MARIA, seen="0")["phone"]["unread"] == 1
    assert news(simulator, number=MARIA, seen="1")["phone"]["unread"] == 0
    assert news(simulator)["phones"][0]["unread"] == 0


def test_a_chat_holds_both_sides_in_order(simulator: Simulator) -> None:
    simulator.send()
    simulator.flush()
    simulator.say("Yes")
    chat = news(simulator, number=MARIA, origin=ORIGIN)["phone"]["chat"]
    assert [(turn["mine"], turn["text"]) for turn in chat] == [
        (False, "Integra reports:\nOperation Performed"),
        (True, "Yes"),
    ]


def test_buttons_and_rows_are_offered(simulator: Simulator) -> None:
    simulator.ask("PUT", "/control/window", {"number": MARIA})
    rows = [{"identifier": "r1", "title": "At 11:00"}, {"identifier": "r2", "title": "At 12:00"}]
    listing = {"button": "Times", "sections": [{"rows": rows}]}
    message = {"messageInteractiveType": "LIST", "body": {"text": "When?"}, "listAction": listing}
    simulator.send(message={"interactive": message})
    simulator.flush()
    turn = news(simulator, number=MARIA)["phone"]["chat"][0]
    assert [(button["kind"], button["title"], button["payload"]) for button in turn["buttons"]] == [
        ("row", "At 11:00", "r1"),
        ("row", "At 12:00", "r2"),
    ]
    assert turn["correlationId"] == f"c-{MARIA}"


def test_nothing_new_is_told_in_few_words(simulator: Simulator) -> None:
    simulator.say("Hello")
    first = news(simulator)
    assert set(news(simulator, revision=first["revision"])) == {"revision", "callbacks"}
    simulator.say("Hello again")
    assert "phones" in news(simulator, revision=first["revision"])


def test_phones_are_found_by_a_part_of_the_number(simulator: Simulator) -> None:
    simulator.send(MARIA, "5511910000002")
    simulator.flush()
    found = news(simulator, find="0002")
    assert [phone["number"] for phone in found["phones"]] == ["5511910000002"]
    assert found["total"] == 2


def test_each_of_our_numbers_has_its_own_chats(simulator: Simulator) -> None:
    simulator.ask("PUT", "/control/accounts", {"accounts": {"joao": "5511900000002"}})
    body = {"destinations": [{"destination": MARIA}], "message": HELLO}
    simulator.post(body, UserName="joao")
    simulator.flush()
    page = news(simulator, number=MARIA, origin="5511900000002")
    assert set(page["origins"]) >= {ORIGIN, "5511900000002"}
    assert len(page["phone"]["chat"]) == 1
    assert news(simulator, number=MARIA, origin=ORIGIN)["phone"] is None


def test_another_site_may_not_turn_switches(simulator: Simulator) -> None:
    answer = simulator.call("PUT", "/control/faults", {"lost": 1}, headers={"Origin": "http://evil.invalid"})
    assert answer.status_code == 403
    assert simulator.ask("GET", "/control/faults")["lost"] == 0
    own = simulator.call("PUT", "/control/faults", {"lost": 1}, headers={"Origin": simulator.url})
    assert own.status_code == 200
