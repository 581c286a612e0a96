"""The two SMS calls, their statuses, and SMS that come in."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.simulator.process import MARIA, ORIGIN, Simulator
from tests.simulator.receiver import Receiver

ONE = {
    "destination": MARIA,
    "messageText": "Hello",
    "correlationId": "c1",
    "extraInfo": "e",
    "campaignAlias": "a",
}


def test_one_sms_is_answered_with_its_ids(simulator: Simulator) -> None:
    answer = simulator.post(ONE, "/v1/send-sms").json()
    assert set(answer) == {"id", "correlationId"}
    assert answer["correlationId"] == "c1"


def test_the_answer_can_stand_in_an_array(simulator: Simulator) -> None:
    simulator.switch(answer_array=True)
    assert simulator.post(ONE, "/v1/send-sms").json()[0]["correlationId"] == "c1"


def test_each_sms_of_a_bulk_may_differ(simulator: Simulator) -> None:
    messages = [
        {"destination": MARIA, "messageText": "A", "correlationId": "c1"},
        {"destination": "5511910000002"},
    ]
    answer = simulator.post(
        {"messages": messages, "defaultValues": {"messageText": "B"}}, "/v1/send-bulk-sms"
    ).json()
    assert [each["correlationId"] for each in answer["messages"]] == ["c1", None]
    contents = simulator.counts()["by_destination_content"]
    assert contents == {MARIA: {"A": 1}, "5511910000002": {"B": 1}}


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/v1/send-sms", {**ONE, "messageText": "x" * 1281}, "longer than 1280"),
        ("/v1/send-sms", {**ONE, "correlationId": "x" * 65}, "at most 64"),
        ("/v1/send-sms", {**ONE, "extraInfo": "x" * 256}, "at most 255"),
        ("/v1/send-sms", {"messageText": "Hello"}, "destination"),
        ("/v1/send-sms", {**ONE, "text": "Hello"}, "unknown key 'text'"),
        ("/v1/send-bulk-sms", {"messages": []}, "1 to 1000"),
        ("/v1/send-bulk-sms", {"messages": [ONE] * 1001}, "1 to 1000"),
        ("/v1/send-bulk-sms", {"messages": [{"destination": MARIA}]}, "number 1.messageText"),
        ("/v1/send-bulk-sms", {"messages": [ONE], "defaultValues": {"destination": MARIA}}, "defaultValues"),
    ],
    ids=[
        "long text", "long correlation id", "long extra", "nobody", "unknown field", "empty bulk", "too many",
        "no text in a bulk", "default destination",
    ],
)  # fmt: skip
def test_a_wrong_sms_is_told_where_it_is_wrong(
    simulator: Simulator, path: str, body: Any, complaint: str
) -> None:
    answer = simulator.post(body, path)
    assert answer.status_code == 400
    assert complaint in answer.json()["errorMessage"]
    assert simulator.counts()["accepted"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/send-sms", ONE), ("/v1/send-bulk-sms", {"messages": [ONE]})],
    ids=["one", "bulk"],
)
@pytest.mark.parametrize(
    ("faults", "user", "status"),
    [({}, "wrong", 401), ({"answers": {"503": 1}}, "maria", 503), ({"rate_limit": 0}, "maria", 200)],
    ids=["wrong user", "a fault", "all well"],
)
def test_both_calls_have_the_same_faults(
    simulator: Simulator, path: str, body: Any, faults: Any, user: str, status: int
) -> None:
    simulator.switch(**faults)
    assert simulator.post(body, path, UserName=user).status_code == status


def test_more_sms_than_the_limit_are_told_429(simulator: Simulator) -> None:
    simulator.switch(rate_limit=2)
    assert simulator.post({"messages": [ONE] * 3}, "/v1/send-bulk-sms").status_code == 429


def test_statuses_come_one_by_one_and_reports_by_themselves(simulator: Simulator, called: Receiver) -> None:
    simulator.ask("PUT", "/control/callbacks", {"report_url": f"{called.url}/report"})
    simulator.post(ONE, "/v1/send-sms")
    simulator.flush()
    report, sent = sorted(called.all(), key=lambda call: call.path)
    assert (urlsplit(sent.path).path, report.path) == ("/status", "/report")
    assert (sent.body["sentStatusCode"], sent.body["correlationId"], sent.body["extraInfo"]) == (2, "c1", "e")
    assert "sentAt" in sent.body
    assert (report.body["deliveredStatusCode"], report.body["delivered"]) == (4, True)
    assert "sentStatusAt" in report.body
    assert report.body["carrierName"]


def test_a_delivery_report_may_never_come(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(delivered_share=0)
    simulator.ask("PUT", "/control/callbacks", {"report_url": f"{called.url}/report"})
    simulator.post(ONE, "/v1/send-sms")
    simulator.flush()
    assert [(urlsplit(call.path).path, call.body["sentStatusCode"]) for call in called.all()] == [
        ("/status", 2)
    ]


def test_a_failed_sms_is_told_by_its_code(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(statuses={"205": 1})
    simulator.post(ONE, "/v1/send-sms")
    simulator.flush()
    (call,) = called.all()
    assert (call.body["sentStatusCode"], call.body["sent"]) == (205, False)


def test_an_sms_needs_no_window(simulator: Simulator, called: Receiver) -> None:
    simulator.post(ONE, "/v1/send-sms")
    simulator.flush()
    assert [message["text"] for message in simulator.received()] == ["Hello"]


def test_an_incoming_sms_is_one_bare_object(simulator: Simulator, called: Receiver) -> None:
    sent = simulator.post(ONE, "/v1/send-sms").json()
    simulator.flush()
    called.all()
    simulator.say("Yes", channel="sms")
    body = called.next().body
    assert (body["source"], body["shortCode"], body["messageText"]) == (MARIA, ORIGIN, "Yes")
    assert body["mt"] == {"id": sent["id"], "correlationId": "c1"}


def test_an_incoming_sms_can_come_by_get(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(sms_by_get=True)
    simulator.say("Yes, María", channel="sms")
    call = called.next()
    query = parse_qs(urlsplit(call.path).query)
    assert (call.method, query["messageText"], query["token"]) == ("GET", ["Yes, María"], ["m"])
