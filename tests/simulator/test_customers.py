"""Customers who write: what is called back, and what they see on their phones."""

from typing import Any

import pytest

from tests.simulator.process import HEADERS, HELLO, MARIA, ORIGIN, Simulator, hsm
from tests.simulator.receiver import Receiver


def item_of(receiver: Receiver) -> Any:
    """The one item of the next callback."""
    return receiver.next().body["data"][0]


def test_what_a_customer_writes_is_called_back(simulator: Simulator, called: Receiver) -> None:
    said = simulator.say("Hello")
    call = called.next()
    assert call.path == "/message?token=m"
    assert call.body["data"] == [said]
    assert (said["source"], said["origin"]) == (MARIA, ORIGIN)
    assert said["message"] == {"type": "TEXT", "messageText": "Hello"}
    assert said["userProfile"]["name"]
    assert isinstance(said["receivedAt"], int)
    assert said["receivedDate"].endswith("Z")


def test_a_first_message_answers_nothing(simulator: Simulator, called: Receiver) -> None:
    assert "correlationId" not in simulator.say("Hello")


def test_an_answer_names_the_last_message_received(simulator: Simulator, called: Receiver) -> None:
    simulator.send(MARIA, flowId="f", campaignAlias="a", defaultExtraInfo="e")
    simulator.flush()
    said = simulator.say("Yes")
    assert (said["correlationId"], said["flowId"], said["campaignAlias"]) == (f"c-{MARIA}", "f", "a")
    assert said["extraInfo"] == "e"
    assert said["mtSentAt"] <= said["receivedAt"]


def test_an_answer_can_name_another_message(simulator: Simulator, called: Receiver) -> None:
    simulator.send()
    simulator.flush()
    assert simulator.say("Yes", answers="an-older-one")["correlationId"] == "an-older-one"


def test_an_answer_can_name_no_message(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(carries_correlation=False)
    simulator.send()
    simulator.flush()
    assert "correlationId" not in simulator.say("Yes")


@pytest.mark.parametrize(
    ("number", "other"),
    [
        ("5511910000001", "551110000001"),
        ("5215512345678", "525512345678"),
        ("5491112345678", "541112345678"),
        ("59899123456", "59899123456"),
    ],
    ids=["Brazil", "Mexico", "Argentina", "Uruguay"],
)
def test_the_number_can_answer_in_its_other_spelling(simulator: Simulator, number: str, other: str) -> None:
    simulator.switch(other_spelling=True)
    simulator.send(number)
    simulator.flush()
    said = simulator.say("Yes", source=number)
    assert (said["source"], said["correlationId"]) == (other, f"c-{number}")


def test_both_spellings_are_one_phone(simulator: Simulator) -> None:
    simulator.send("5511910000001")
    simulator.flush()
    assert len(simulator.received("551110000001")) == 1
    assert simulator.say("Yes", source="551110000001")["source"] == "5511910000001"
    assert simulator.say("Yes", source="551110000001", source_as_written=True)["source"] == "551110000001"


@pytest.mark.parametrize(
    ("kind", "checks"),
    [
        ("image", {"type": "IMAGE", "mimeType": "image/png"}),
        ("sticker", {"type": "STICKER", "mimeType": "image/png"}),
        ("audio", {"type": "AUDIO", "mimeType": "audio/wav"}),
        ("video", {"type": "VIDEO", "mimeType": "video/mp4"}),
        ("document", {"type": "DOCUMENT", "mimeType": "application/pdf"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_media_can_be_fetched_where_the_callback_says(
    simulator: Simulator, kind: str, checks: dict[str, str]
) -> None:
    message = simulator.ask("POST", "/control/say", {"source": MARIA, "kind": kind})["message"]
    assert checks.items() <= message.items()
    fetched = simulator.http.get(message["mediaUrl"], timeout=5)
    assert (fetched.status_code, fetched.headers["Content-Type"]) == (200, checks["mimeType"])
    assert len(fetched.content) > 100


def test_media_can_ask_for_the_account(simulator: Simulator) -> None:
    simulator.switch(media_needs_headers=True)
    url = simulator.ask("POST", "/control/say", {"source": MARIA, "kind": "image"})["message"]["mediaUrl"]
    assert simulator.http.get(url, timeout=5).status_code == 401
    assert simulator.http.get(url, headers=HEADERS, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("kind", "key"), [("location", "geoPoint"), ("contacts", "phones")], ids=["place", "contact"]
)
def test_places_and_contacts_come_without_a_type(simulator: Simulator, kind: str, key: str) -> None:
    message = simulator.ask("POST", "/control/say", {"source": MARIA, "kind": kind})["message"]
    assert list(message) == [kind]
    assert key in str(message)


def test_a_whole_message_is_passed_on_as_it_is(simulator: Simulator, called: Receiver) -> None:
    interactive = {"type": "BUTTON_REPLY", "buttonReply": {"payload": "yes", "title": "Yes"}}
    message = {"type": "BUTTON", "messageText": "Yes", "interactive": interactive}
    simulator.ask("POST", "/control/say", {"source": MARIA, "message": message})
    assert item_of(called)["message"] == message


def test_a_session_lasts_from_message_to_message(simulator: Simulator) -> None:
    first, second = simulator.say("Hello")["session"], simulator.say("Are you there?")["session"]
    assert first == second
    simulator.ask("PUT", "/control/window", {"number": MARIA, "open": False})
    assert simulator.say("Hello again")["session"]["id"] != first["id"]


def test_a_session_can_be_spelt_otherwise(simulator: Simulator) -> None:
    simulator.switch(session_id_key=True)
    assert set(simulator.say("Hello")["session"]) == {"sessionId", "createdAt"}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"text": "Hello"}, "source"),
        ({"source": MARIA}, "text"),
        ({"source": MARIA, "message": "Hello"}, "message must be an object"),
        ({"source": MARIA, "kind": "smell"}, "kind must be one of"),
        ({"source": MARIA, "text": "Hello", "channel": "fax"}, "channel"),
    ],
    ids=["nobody", "nothing", "message as text", "unknown kind", "unknown channel"],
)
def test_a_customer_who_cannot_be_is_refused(simulator: Simulator, body: Any, complaint: str) -> None:
    answer = simulator.call("POST", "/control/say", body)
    assert answer.status_code == 400
    assert complaint in answer.json()["errorMessage"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (HELLO, "Integra reports:\nOperation Performed"),
        (hsm("tomorrow", "12:00 PM", code="appointment_reminder"),
         "Your appointment is coming up on tomorrow at 12:00 PM"),
        (hsm("mañana", "12:00", code="appointment_reminder", languageCode="es"), "Su turno es mañana a las 12:00"),
        (hsm("a", "b", code="nobody_knows_it"), "nobody_knows_it\na\nb"),
        ({"image": {"type": "JPG", "url": "https://example.invalid/a.jpg", "caption": "Look"}}, "Look"),
    ],
    ids=["template", "colon in a parameter", "Spanish", "unknown template", "picture"],
)  # fmt: skip
def test_a_phone_shows_what_the_customer_reads(simulator: Simulator, message: Any, text: str) -> None:
    simulator.ask("PUT", "/control/window", {"number": MARIA, "open": True})
    simulator.send(message=message)
    simulator.flush()
    assert [each["text"] for each in simulator.received()] == [text]


def test_customers_can_answer_by_themselves(simulator: Simulator, called: Receiver) -> None:
    simulator.switch(reply_share=1, reply_text="I will come")
    simulator.send()
    simulator.flush()
    items = called.items()
    answers = [item for item in items if "message" in item]
    assert [(item["message"]["messageText"], item["correlationId"]) for item in answers] == [
        ("I will come", f"c-{MARIA}")
    ]
