"""What a send may look like, and how it is answered."""

import time
from typing import Any

import pytest

from tests.simulator.process import HELLO, MARIA, NAMESPACE, Simulator, hsm

BUTTONS = {
    "messageInteractiveType": "REPLY_BUTTON",
    "body": {"text": "Are you coming?"},
    "footer": {"text": "Thank you"},
    "replyButtonAction": {"buttons": [{"reply": {"title": "Yes", "payload": "yes"}}]},
    "alternativeText": "Answer yes or no",
}
ROWS = [{"identifier": str(number), "title": f"At {number}", "description": "free"} for number in range(10)]
LIST = {
    "messageInteractiveType": "LIST",
    "header": {"text": "Times"},
    "body": {"text": "Choose one"},
    "listAction": {"button": "Times", "sections": [{"rows": ROWS}]},
}
PICTURE = "iVBORw0KGgo="


def button(title: str = "Yes", payload: str = "yes") -> dict[str, Any]:
    return {"reply": {"title": title, "payload": payload}}


def with_buttons(*buttons: Any) -> dict[str, Any]:
    return {"interactive": {**BUTTONS, "replyButtonAction": {"buttons": list(buttons)}}}


def test_it_answers_with_an_id_for_each_destination(simulator: Simulator) -> None:
    answer = simulator.send("5519900001111", "5519900002222").json()
    assert [entry["destination"] for entry in answer["destinations"]] == ["5519900001111", "5519900002222"]
    assert [entry["correlationId"] for entry in answer["destinations"]] == [
        "c-5519900001111",
        "c-5519900002222",
    ]
    assert len({entry["id"] for entry in answer["destinations"]}) == 2


def test_the_answer_for_one_bears_the_id_of_the_message(simulator: Simulator) -> None:
    answer = simulator.send(MARIA).json()
    assert answer["id"] == answer["destinations"][0]["id"]


@pytest.mark.parametrize(
    "spelling",
    ["5519900001111", "+5519900001111", "+55(19) 900001111"],
    ids=["digits", "with a plus", "with brackets"],
)
def test_a_number_counts_as_the_same_however_it_is_written(simulator: Simulator, spelling: str) -> None:
    simulator.send(spelling)
    assert simulator.counts()["by_destination"] == {"5519900001111": 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"UserName": "wrong"},
        {"AuthenticationToken": "wrong"},
        {"UserName": ""},
        {"AuthenticationToken": ""},
    ],
    ids=["wrong user", "wrong token", "no user", "no token"],
)
def test_wrong_credentials_get_the_documented_401(simulator: Simulator, headers: dict[str, str]) -> None:
    answer = simulator.post({}, **headers)
    assert answer.status_code == 401
    assert answer.json() == {
        "errorCode": 401,
        "errorMessage": "Authentication Error: No user was found with this combination of username and "
        "Authentication token.",
    }


@pytest.mark.parametrize(
    "message",
    [
        {"messageText": "Hello"},
        {"ttl": 1, **HELLO},
        hsm(),
        hsm("a", "b", languagePolicy="FALLBACK", languageCode="pt_BR"),
        {"template": {"namespace": NAMESPACE, "elementName": "offer", "languageCode": "es", "header": {"title": "x"}}},
        {"image": {"type": "JPG", "url": "https://example.invalid/a.jpg"}},
        {"image": {"type": "PNG", "data": PICTURE}},
        {"audio": {"type": "MP3", "url": "https://example.invalid/a.mp3"}},
        {"document": {"type": "PDF", "url": "https://example.invalid/a.pdf", "caption": "Invoice"}},
        {"location": {"geoPoint": "-22.894180,-47.047960", "name": "Wavy", "address": "Av. Cel. Silva Telles"}},
        {"interactive": BUTTONS},
        {"interactive": LIST},
    ],
    ids=[
        "text", "template with ttl", "template without parameters", "template with language", "newer template",
        "picture by url", "picture by data", "sound", "document", "location", "buttons", "list",
    ],
)  # fmt: skip
def test_every_documented_message_is_taken(simulator: Simulator, message: Any) -> None:
    assert simulator.send(message=message).status_code == 200
    assert simulator.ask("GET", "/control/messages")["messages"][0]["message"] == message


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        ({}, "exactly one of"),
        ({"messageText": "a", **HELLO}, "exactly one of"),
        ({"messageTekst": "a"}, "unknown key 'messageTekst'"),
        ({"messageText": " "}, "not empty"),
        ({"hsm": {"elementName": "a", "parameters": []}}, "hsm.namespace"),
        ({"hsm": {"namespace": "a", "parameters": []}}, "hsm.elementName"),
        ({"hsm": {"namespace": "a", "elementName": "b"}}, "hsm.parameters"),
        ({"hsm": {"namespace": "a", "elementName": "b", "parameters": ["a", 12]}}, "number 2 must be a text"),
        (hsm(languagePolicy="LOOSE"), "languagePolicy"),
        (hsm(languageCode="Spanish!"), "languageCode"),
        ({"ttl": "1", **HELLO}, "ttl must be a whole number"),
        ({"ttl": 1, "messageText": "a"}, "ttl is for templates"),
        ({"image": {"type": "JPG"}}, "either url or data"),
        ({"image": {"type": "JPG", "data": "%%%"}}, "not base64"),
        ({"image": {"type": "JPG", "url": "ftp://a"}}, "http"),
        ({"location": {"geoPoint": "here"}}, "geoPoint"),
        ({"interactive": {**BUTTONS, "messageInteractiveType": "MENU"}}, "REPLY_BUTTON or LIST"),
        ({"interactive": {**BUTTONS, "header": {"text": "x" * 61}}}, "longer than 60"),
        ({"interactive": {**BUTTONS, "body": {"text": "x" * 1025}}}, "longer than 1024"),
        ({"interactive": {**BUTTONS, "footer": {"text": "x" * 61}}}, "longer than 60"),
        (with_buttons(), "1 to 3"),
        (with_buttons(*[button()] * 4), "1 to 3"),
        (with_buttons(button(title="x" * 21)), "longer than 20"),
        (with_buttons(button(payload="x" * 257)), "longer than 256"),
        ({"interactive": {**LIST, "listAction": {"button": "a", "sections": [{"rows": ROWS}] * 2}}}, "10 rows"),
    ],
    ids=[
        "nothing", "two variants", "misspelt", "blank text", "no namespace", "no code", "no parameters",
        "parameter is a number", "language policy", "language", "ttl as text", "ttl beside text", "picture of nothing",
        "picture not base64", "picture by ftp", "location in words", "unknown interactive", "long header", "long body",
        "long footer", "no button", "four buttons", "long title", "long payload", "too many rows",
    ],
)  # fmt: skip
def test_a_wrong_message_is_told_where_it_is_wrong(
    simulator: Simulator, message: Any, complaint: str
) -> None:
    answer = simulator.send(message=message)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == 400
    assert complaint in answer.json()["errorMessage"]
    assert simulator.counts()["accepted"] == 0


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "must be an object"),
        ({"message": HELLO}, "destinations must be an array"),
        ({"destinations": [], "message": HELLO}, "at least 1"),
        ({"destinations": [MARIA], "message": HELLO}, "number 1 must be an object"),
        ({"destinations": [{"destination": ""}], "message": HELLO}, "number 1, destination"),
        ({"destinations": [{"destination": 5519900001111}], "message": HELLO}, "number 1, destination"),
        ({"destinations": [{"destination": MARIA, "correlationId": 7}], "message": HELLO}, "correlationId"),
        ({"destinations": [{"destination": MARIA}]}, "message must be an object"),
        ({"destinations": [{"destination": MARIA}], "message": HELLO, "flowId": 7}, "flowId"),
        ({"destinations": [{"destination": MARIA}], "message": HELLO, "schedule": "now"}, "unknown key 'schedule'"),
    ],
    ids=[
        "array", "no destinations", "empty destinations", "bare number", "empty number", "number as number",
        "correlation id as number", "no message", "flow id as number", "unknown field",
    ],
)  # fmt: skip
def test_a_wrong_envelope_is_told_where_it_is_wrong(simulator: Simulator, body: Any, complaint: str) -> None:
    answer = simulator.post(body)
    assert answer.status_code == 400
    assert complaint in answer.json()["errorMessage"]


@pytest.mark.parametrize(
    ("asked", "kept"), [(0, 1), (7, 7), (99, 30)], ids=["too short", "right", "too long"]
)
def test_ttl_is_clamped_to_its_limits(simulator: Simulator, asked: int, kept: int) -> None:
    simulator.send(message={"ttl": asked, **HELLO})
    assert simulator.ask("GET", "/control/messages")["messages"][0]["message"]["ttl"] == kept


def test_what_is_no_json_is_refused(simulator: Simulator) -> None:
    answer = simulator.call(
        "POST", "/v1/whatsapp/send", data=b"{", headers={"UserName": "a", "AuthenticationToken": "b"}
    )
    assert answer.status_code == 400
    assert "not JSON" in answer.json()["errorMessage"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/whatsapp/send", 405), ("POST", "/v2/whatsapp/send", 404), ("POST", "/v1/session", 405)],
    ids=["wrong method", "wrong path", "read-only path"],
)
def test_other_paths_and_methods_are_refused(
    simulator: Simulator, method: str, path: str, status: int
) -> None:
    answer = simulator.call(method, path)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, status)


def test_the_counts_tell_what_came_once_and_what_came_twice(simulator: Simulator) -> None:
    simulator.send(MARIA, "5511910000002")
    simulator.send(MARIA)
    simulator.send(MARIA, message={"messageText": "other"})
    counts = simulator.counts()
    assert counts["accepted"] == 4
    assert counts["requests_by_path"] == {"/v1/whatsapp/send": 3}
    assert counts["repeated_destinations"] == {MARIA: 3}
    assert counts["by_correlation_id"] == {f"c-{MARIA}": 3, "c-5511910000002": 1}
    content = "hsm:chatclub_open_session_v2:Integra:Operation Performed"
    assert counts["by_destination_content"][MARIA] == {content: 2, "other": 1}
    assert counts["repeated_contents"] == [{"destination": MARIA, "content": content, "times": 2}]
    assert sum(counts["accepted_by_second"].values()) == 4


def test_the_counts_tell_when_the_first_and_the_last_message_came(simulator: Simulator) -> None:
    before = simulator.counts()
    assert (before["first_accepted_at"], before["last_accepted_at"]) == (None, None)
    simulator.send(MARIA)
    first = simulator.counts()
    simulator.send(MARIA)
    last = simulator.counts()
    assert first["first_accepted_at"] == last["first_accepted_at"] <= last["last_accepted_at"]
    assert abs(last["last_accepted_at"] / 1000 - time.time()) < 60


def test_counts_without_details_stay_small(simulator: Simulator) -> None:
    simulator.send()
    assert "by_destination" not in simulator.ask("GET", "/control/counts?details=0")
