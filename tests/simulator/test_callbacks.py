"""How callbacks travel: in bulk, again when they fail, and with the faults that a network has."""

import base64
import threading
from typing import Any

import pytest

from tests.simulator.process import MARIA, ORIGIN, Simulator
from tests.simulator.receiver import Receiver

NUMBERS = [f"55119100000{number:02d}" for number in range(1, 31)]


def test_they_travel_in_bulk(simulator: Simulator, called: Receiver) -> None:
    simulator.send(*NUMBERS)
    simulator.flush()
    calls = called.all()
    assert len(calls) < 30
    assert sum(len(call.body["data"]) for call in calls) == 90
    assert all(call.body["total"] == len(call.body["data"]) for call in calls)
    assert all(call.body["clientInfo"]["customerId"] == 42 for call in calls)
    assert {call.path for call in calls} == {"/status?token=s"}


def test_a_batch_is_never_larger_than_its_limit(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(batch=7)
    simulator.send(*NUMBERS)
    simulator.flush()
    sizes = [len(call.body["data"]) for call in called.all()]
    assert max(sizes) == 7
    assert sum(sizes) == 90


@pytest.mark.parametrize("status", [500, 403, 204, 302], ids=str)
def test_an_answer_other_than_200_is_tried_again(simulator: Simulator, called: Receiver, status: int) -> None:
    simulator.switch(retry_ms=10)
    called.answers.put(status)
    simulator.say("Hello")
    first, second = called.next(), called.next()
    assert first.body == second.body
    assert simulator.flush()["pending"] == 0
    counts = simulator.counts()["callbacks"]
    assert (counts["answered_other"], counts["answered_200"], counts["retried"]) == (1, 1, 1)


def test_silence_is_tried_again(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(retry_ms=10, timeout_ms=100)
    called.gate.clear()
    simulator.say("Hello")
    called.next()
    called.next()
    called.gate.set()
    assert simulator.flush()["pending"] == 0
    assert simulator.counts()["callbacks"]["timed_out"] >= 1


def test_nobody_there_is_tried_again_and_at_last_given_up(simulator: Simulator, receiver: Receiver) -> None:
    simulator.switch(retry_ms=0, retries=3)
    nobody = Receiver()
    nobody.close()
    simulator.ask("PUT", "/control/callbacks", {"message_url": nobody.url})
    simulator.say("Hello")
    for _ in range(4):
        counts = simulator.flush()
    assert (counts["calls"], counts["given_up"], counts["pending"]) == (4, 1, 0)


def test_they_wait_for_a_url(simulator: Simulator, receiver: Receiver) -> None:
    simulator.send()
    simulator.say("Hello")
    assert simulator.flush()["pending"] == 4
    simulator.ask("PUT", "/control/callbacks", {"message_url": receiver.url, "status_url": receiver.url})
    assert simulator.flush()["pending"] == 0
    assert len(receiver.items()) == 4


def test_each_of_our_numbers_may_have_its_own_url(simulator: Simulator, called: Receiver) -> None:
    simulator.ask("PUT", "/control/accounts", {"accounts": {"joao": "5511900000002"}})
    simulator.ask(
        "PUT", "/control/callbacks", {"status_url": f"{called.url}/joao", "origin": "5511900000002"}
    )
    body = {"destinations": [{"destination": MARIA}], "message": {"messageText": "Hello"}}
    simulator.post(body)
    simulator.post(body, UserName="joao")
    simulator.flush()
    found = {call.path: call.body["data"][0]["origin"] for call in called.all()}
    assert found == {"/status?token=s": ORIGIN, "/joao": "5511900000002"}


def test_the_password_of_a_url_becomes_basic_authentication(simulator: Simulator, receiver: Receiver) -> None:
    url = receiver.url.replace("http://", "http://wavy:pass%20word@")
    simulator.ask("PUT", "/control/callbacks", {"message_url": f"{url}/message"})
    simulator.say("Hello")
    call = receiver.next()
    assert call.headers["Authorization"] == "Basic " + base64.b64encode(b"wavy:pass word").decode()
    assert "@" not in call.headers["Host"]


@pytest.mark.parametrize("url", ["ftp://a", "callback", "http://"], ids=["ftp", "no scheme", "no host"])
def test_a_wrong_url_is_refused(simulator: Simulator, url: str) -> None:
    answer = simulator.call("PUT", "/control/callbacks", {"message_url": url})
    assert answer.status_code == 400
    assert "http" in answer.json()["errorMessage"]


@pytest.mark.parametrize(
    ("shape", "kind", "calls"),
    [("envelope", dict, 1), ("array", list, 1), ("object", dict, 3)],
    ids=["envelope", "array", "bare objects"],
)
def test_the_shape_can_be_chosen(
    simulator: Simulator, called: Receiver, shape: str, kind: type[Any], calls: int
) -> None:
    simulator.switch(callback_shape=shape, delivered_share=0, gather_ms=60_000)
    simulator.send(*NUMBERS[:3])
    simulator.flush()
    bodies = [call.body for call in called.all()]
    assert len(bodies) == calls
    assert isinstance(bodies[0], kind)
    assert ("data" in bodies[0]) is (shape == "envelope")


def test_they_can_be_lost(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(lost=1)
    simulator.send()
    assert simulator.flush()["lost"] == 3
    assert called.all() == []
    assert len(simulator.received()) == 1


def test_they_can_come_twice(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(duplicated=1)
    simulator.send()
    assert simulator.flush()["duplicated"] == 3
    assert len(called.items()) == 6


def test_they_can_come_out_of_order(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(shuffled=1)
    simulator.send(*NUMBERS)
    simulator.flush()
    furthest: dict[str, int] = {}
    overtaken = 0
    for item in called.items():
        stage = 3 if item.get("read") else 2 if item.get("delivered") else 1
        overtaken += stage < furthest.get(item["destination"], 0)
        furthest[item["destination"]] = max(stage, furthest.get(item["destination"], 0))
    assert overtaken > 0
    assert set(furthest.values()) == {3}


def test_they_can_come_late(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(late=1, late_ms=600_000, delivered_share=0)
    simulator.send(NUMBERS[0])
    simulator.switch(late=0)
    simulator.send(NUMBERS[1])
    assert [item["destination"] for item in called.next().body["data"]] == [NUMBERS[1]]
    simulator.flush()
    assert [item["destination"] for item in called.items()] == [NUMBERS[0]]


def test_they_can_be_switched_off(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(callbacks_off=True)
    simulator.send()
    assert simulator.flush()["pending"] == 0
    assert called.all() == []


def test_a_slow_one_arrives_whole(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(slow_ms=50)
    simulator.say("Hello")
    assert called.next().body["data"][0]["message"]["messageText"] == "Hello"


def test_a_status_can_come_before_the_answer(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(status_before_answer=True)
    called.gate.clear()
    answered = threading.Event()

    def send() -> None:
        simulator.send()
        answered.set()

    sender = threading.Thread(target=send)
    sender.start()
    first = called.next()
    assert not answered.is_set()
    called.gate.set()
    sender.join(10)
    assert answered.is_set()
    assert first.body["data"][0]["sentStatusCode"] == 2
    simulator.flush()
    assert len(called.items()) == 2
