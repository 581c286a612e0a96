"""What becomes of a message, as the status callbacks tell it."""

from typing import Any

import pytest

from tests.simulator.process import HELLO, MARIA, ORIGIN, Simulator, hsm
from tests.simulator.receiver import Receiver


def told(simulator: Simulator, receiver: Receiver) -> list[Any]:
    """All statuses of what was sent so far."""
    simulator.flush()
    return receiver.items()


def ending(simulator: Simulator, receiver: Receiver) -> tuple[int, int | None]:
    """The two codes of the last status."""
    last = told(simulator, receiver)[-1]
    return last["sentStatusCode"], last.get("deliveredStatusCode")


def test_a_message_is_sent_then_delivered_then_read(simulator: Simulator, called: Receiver) -> None:
    answer = simulator.send(MARIA, flowId="f", campaignAlias="a", defaultExtraInfo="e").json()
    sent, delivered, read = told(simulator, called)
    assert (sent["sent"], sent["sentStatusCode"], sent["sentStatus"]) == (True, 2, "SENT_SUCCESS")
    assert "delivered" not in sent
    assert (delivered["delivered"], delivered["deliveredStatusCode"]) == (True, 4)
    assert delivered["sentAt"] == sent["sentAt"]
    assert (read["read"], read["deliveredStatusCode"], read["sentStatusCode"]) == (True, 4, 2)
    assert {item["id"] for item in (sent, delivered, read)} == {answer["destinations"][0]["id"]}
    assert {item["correlationId"] for item in (sent, delivered, read)} == {f"c-{MARIA}"}
    assert (read["destination"], read["origin"]) == (MARIA, ORIGIN)
    assert (read["flowId"], read["campaignAlias"], read["extraInfo"]) == ("f", "a", "e")
    assert read["readDate"].endswith("Z")


def test_callbacks_come_by_themselves(simulator: Simulator, called: Receiver) -> None:
    simulator.send()
    codes = [called.next().body["data"][0].get("deliveredStatusCode") for _ in range(3)]
    assert codes == [None, 4, 4]


@pytest.mark.parametrize(
    ("number", "message", "codes"),
    [
        (MARIA, {"messageText": "Hello"}, (210, None)),
        (MARIA, {"interactive": {
            "messageInteractiveType": "REPLY_BUTTON", "body": {"text": "a"},
            "replyButtonAction": {"buttons": [{"reply": {"title": "a", "payload": "a"}}]}}}, (210, None)),
        ("123", HELLO, (202, None)),
        ("abc", HELLO, (202, None)),
        ("0123456789", HELLO, (202, None)),
        (MARIA, hsm("only one"), (207, None)),
        (MARIA, hsm("x", code="last_call_offer"), (2, 104)),
        (MARIA, hsm("x", code="delivery_on_its_way"), (2, 104)),
        (MARIA, hsm("x", "y", "z", code="nobody_knows_it"), (2, 4)),
        (MARIA, {"messageText": "x" * 4097}, (206, None)),
    ],
    ids=[
        "text outside the window", "buttons outside the window", "short number", "letters", "leading zero",
        "too few parameters", "disapproved template", "template in analysis", "unknown template", "long text",
    ],
)  # fmt: skip
def test_the_content_decides_the_status(
    simulator: Simulator, called: Receiver, number: str, message: Any, codes: tuple[int, int | None]
) -> None:
    assert simulator.send(number, message=message).status_code == 200
    assert ending(simulator, called) == codes


def test_what_fails_never_reaches_the_phone(simulator: Simulator, called: Receiver) -> None:
    simulator.send(message={"messageText": "Hello"})
    simulator.flush()
    assert simulator.received() == []


def test_free_text_arrives_once_the_customer_has_written(simulator: Simulator, called: Receiver) -> None:
    simulator.say("Hello")
    simulator.send(message={"messageText": "Good morning"})
    simulator.flush()
    assert [message["text"] for message in simulator.received()] == ["Good morning"]


def test_the_window_closes(simulator: Simulator, called: Receiver) -> None:
    simulator.ask("PUT", "/control/window", {"number": MARIA, "open": True})
    simulator.ask("PUT", "/control/window", {"number": MARIA, "open": False})
    simulator.send(message={"messageText": "Good morning"})
    assert ending(simulator, called) == (210, None)


def test_the_code_of_a_closed_window_can_be_chosen(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(window_code="104")
    simulator.send(message={"messageText": "Good morning"})
    assert ending(simulator, called) == (2, 104)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"strict_templates": True}, hsm("a", code="nobody_knows_it")),
        ({"strict_templates": True}, hsm("a", "b", languageCode="de")),
        ({"namespace": "another"}, HELLO),
    ],
    ids=["unknown template", "unknown language", "another namespace"],
)
def test_a_strict_account_fails_what_it_does_not_know(
    simulator: Simulator, called: Receiver, faults: dict[str, Any], message: Any
) -> None:
    simulator.switch(**faults)
    simulator.send(message=message)
    assert ending(simulator, called) == (2, 104)


@pytest.mark.parametrize(
    ("name", "numbers", "codes"),
    [
        ("OPTOUT", [MARIA], (204, None)),
        ("BLACKLIST", ["551110000001"], (203, None)),
        ("OPTIN", ["5511900009999"], (211, None)),
        ("WHITELIST", ["5511900009999"], (212, None)),
        ("WHITELIST", [MARIA], (2, 4)),
        ("OPTOUT", ["5511900009999"], (2, 4)),
    ],
    ids=[
        "opted out",
        "blacklisted, other spelling",
        "not opted in",
        "not white",
        "white",
        "another opted out",
    ],
)
def test_the_lists_of_the_account_decide(
    simulator: Simulator, called: Receiver, name: str, numbers: list[str], codes: tuple[int, int | None]
) -> None:
    simulator.ask("PUT", f"/control/lists/{name}", {"numbers": numbers})
    simulator.send(MARIA)
    assert ending(simulator, called) == codes


@pytest.mark.parametrize(
    ("code", "codes", "name"),
    [
        (101, (2, 101), "EXPIRED"),
        (102, (102, None), "CARRIER_COMMUNICATION_ERROR"),
        (103, (103, None), "REJECTED_BY_CARRIER"),
        (104, (2, 104), "NOT_DELIVERED"),
        (201, (201, None), "NO_CREDIT"),
        (202, (202, None), "INVALID_DESTINATION_NUMBER"),
        (203, (203, None), "BLACKLISTED"),
        (204, (204, None), "DESTINATION_BLOCKED_BY_OPTOUT"),
        (205, (205, None), "DESTINATION_MESSAGE_LIMIT_REACHED"),
        (206, (206, None), "INVALID_MESSAGE_LENGTH"),
        (207, (207, None), "INVALID_MESSAGE_TEXT"),
        (209, (209, None), "INVALID_CONTENT"),
        (210, (210, None), "INVALID_SESSION"),
        (211, (211, None), "DESTINATION_BLOCKED_BY_OPTIN"),
        (212, (212, None), "DESTINATION_BLOCKED_BY_WHITELIST"),
        (301, (301, None), "INTERNAL_ERROR"),
        (311, (311, None), "INTERNAL_ERROR"),
        (999, (2, 999), "UNKNOWN"),
    ],
    ids=str,
)
def test_each_code_can_be_brought_about(
    simulator: Simulator, called: Receiver, code: int, codes: tuple[int, int | None], name: str
) -> None:
    simulator.switch(statuses={str(code): 1})
    simulator.send()
    last = told(simulator, called)[-1]
    assert (last["sentStatusCode"], last.get("deliveredStatusCode")) == codes
    assert name in (last["sentStatus"], last.get("deliveredStatus"))
    assert last["delivered" if codes[0] == 2 else "sent"] is False


@pytest.mark.parametrize(
    ("faults", "stages"),
    [
        ({"delivered_share": 0}, 1),
        ({"read_share": 0}, 2),
        ({"gaps": 1}, 2),
    ],
    ids=["never delivered", "never read", "read without delivered"],
)
def test_the_walk_may_stop_or_leap(
    simulator: Simulator, called: Receiver, faults: dict[str, Any], stages: int
) -> None:
    simulator.switch(**faults)
    simulator.send()
    assert len(told(simulator, called)) == stages


def test_read_can_come_as_a_code(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(read_as_code=True)
    simulator.send()
    last = told(simulator, called)[-1]
    assert (last["deliveredStatusCode"], last["deliveredStatus"], "read" in last) == (
        5,
        "READ_SUCCESS",
        False,
    )


def test_numbers_can_come_as_text(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(numbers_as_strings=True)
    simulator.send()
    simulator.flush()
    body = called.next().body
    assert body["total"] == str(len(body["data"]))
    assert body["data"][0]["sentStatusCode"] == "2"
    assert body["data"][0]["sentAt"].isdigit()
    assert body["data"][0]["sent"] is True


def test_booleans_can_be_missing(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(booleans_missing=True)
    simulator.send()
    for item in told(simulator, called):
        assert not {"sent", "delivered", "read"} & set(item)


def test_newer_statuses_carry_more(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(newer_fields=True)
    simulator.send()
    simulator.flush()
    body = called.next().body
    assert body["data"][0]["type"] == "MESSAGE"
    assert body["ConversationID"]
