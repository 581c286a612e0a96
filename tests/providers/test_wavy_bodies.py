"""Every shape of a callback that Wavy is known to send, from the bytes on the wire to the ledger."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from providers import ledger
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.ledger import Move
from providers.models import Message, Provider, QuarantinedItem, UnmatchedStatus
from providers.states import State
from tests.factories import NOW
from tests.providers.scenes import TOKEN, clock, queued, reloaded
from tests.providers.wire_bodies import FOLDER, load, raw

MESSAGE = f"/Integra/resources/Wavy/message?token={TOKEN}"
STATUS = f"/Integra/resources/Wavy/status?token={TOKEN}"
RECEIVED = datetime(2017, 12, 18, 17, 9, 31, 473000, tzinfo=UTC)
SENT = datetime(2017, 12, 18, 17, 9, 31, 891000, tzinfo=UTC)
LATER = datetime(2017, 12, 18, 17, 9, 32, 400000, tzinfo=UTC)
READ = datetime(2017, 12, 18, 17, 10, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("clean_redis")

MESSAGES = {
    "message_text": [("text", "Hello, this is a user message.")],
    "message_image": [("image", "My receipt")],
    "message_audio": [("audio", "")],
    "message_video": [("video", "Look at this")],
    "message_document": [("document", "Invoice.pdf")],
    "message_sticker": [("sticker", "")],
    "message_button": [("button", "Yes")],
    "message_list_reply": [("list_reply", "August 7, 11:00")],
    "message_location": [("location", "Wavy, Av. Cel. Silva Telles")],
    "message_contacts": [("contacts", "John Smith +1 (940) 555-1234\nAna Souza")],
    "message_order": [("order", "Two of these, please")],
    "message_unknown_type": [("unknown", "")],
    "message_with_strings": [("text", "Hi")],
    "message_times_swapped": [("text", "Hi")],
    "message_array_with_a_wrong_total": [("text", "one"), ("text", "two")],
    "message_sms": [("text", "Yes, confirmed")],
    "message_sms_unasked": [("text", "Yes, confirmed")],
}


@pytest.mark.parametrize("event", MESSAGES)
def test_each_message_of_a_customer_lands_in_the_ledger(
    client: Client, provider: Provider, event: str
) -> None:
    assert client.post(MESSAGE, raw(event), content_type="application/json").status_code == 200
    drain_messages(clock())
    found = Message.objects.order_by("id")
    assert [(one.kind, one.text) for one in found] == MESSAGES[event]
    assert {(one.received_at, one.contact.address) for one in found} == {(RECEIVED, "5519900000000")}
    assert not QuarantinedItem.objects.exists()


@pytest.mark.parametrize("event", [event for event in MESSAGES if isinstance(load(event).get("data"), list)])
def test_what_a_message_carries_is_kept_as_it_came(client: Client, provider: Provider, event: str) -> None:
    client.post(MESSAGE, raw(event), content_type="application/json")
    drain_messages(clock())
    sent = [item["message"] for item in load(event)["data"]]
    assert list(Message.objects.order_by("id").values_list("content", flat=True)) == sent


@pytest.mark.parametrize(
    ("event", "did"),
    [("message_sms", "27182"), ("message_sms_unasked", "27182"), ("message_text", "5519900000001")],
)
def test_the_number_that_was_written_to_is_known(
    client: Client, provider: Provider, event: str, did: str
) -> None:
    client.post(MESSAGE, raw(event), content_type="application/json")
    drain_messages(clock())
    assert Message.objects.get().did == did


QUERY = {"id": "sms-1", "source": "5519900000000", "shortCode": "27182", "receivedAt": "1513616971473"}


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("messageText=Yes%2C+confirmed", "Yes, confirmed"),
        ("messageText=ol%C3%A1", "olá"),
        ("messageText=ol%E1", "olá"),
        ("messageText=ol%E1+%96+%80", "olá – €"),
        ("messageText=", ""),
        ("messageText=a%00b%26c%3Dd", "ab&c=d"),
    ],
    ids=["plain", "UTF-8", "Latin-1", "Windows-1252", "empty", "NUL and signs"],
)
def test_an_sms_pushed_by_get_lands_in_the_ledger(
    client: Client, provider: Provider, query: str, text: str
) -> None:
    rest = "&".join(f"{key}={value}" for key, value in QUERY.items())
    assert client.get(f"{MESSAGE}&{rest}&{query}").status_code == 200
    drain_messages(clock())
    found = Message.objects.get()
    assert (found.text, found.received_at, found.did) == (text, RECEIVED, "27182")


@pytest.mark.parametrize("name", ["correlationId", "mt.correlationId"])
def test_an_sms_pushed_by_get_says_what_it_answers(client: Client, provider: Provider, name: str) -> None:
    earlier, _last = queued(provider, 2)
    Message.objects.update(created_at=RECEIVED)
    source, asked = earlier.contact.address, str(earlier.correlation_id)
    assert client.get(MESSAGE, {"token": TOKEN, **QUERY, "source": source, name: asked}).status_code == 200
    drain_messages(clock())
    assert Message.objects.get(state=State.RECEIVED).answers == earlier


STATUSES = {
    "status_read": ("read", "", {"sent_at": SENT, "delivered_at": LATER, "read_at": READ}),
    "status_newer_with_strings": ("delivered", "", {"sent_at": SENT, "delivered_at": LATER}),
    "status_bare_item": ("expired", "expired", {"sent_at": SENT, "expired_at": LATER}),
    "status_array": ("sent", "", {"sent_at": SENT}),
    "status_sms_sent": ("sent", "", {"sent_at": SENT}),
    "status_sms_sent_newer_spelling": ("sent", "", {"sent_at": SENT}),
    "status_sms_delivery_report": ("delivered", "", {"sent_at": SENT, "delivered_at": LATER}),
    "status_sms_undelivered": ("failed", "not_delivered", {"sent_at": SENT, "failed_at": LATER}),
    "status_sms_no_credit": ("failed", "no_credit", {"failed_at": SENT}),
    "status_sms_bulk": ("sent", "", {"sent_at": SENT}),
}


def first_id(event: str) -> str:
    """The provider's id in the first item of a body."""
    body = load(event)
    body = body.get("data", body) if isinstance(body, dict) else body
    return str((body[0] if isinstance(body, list) else body)["id"])


@pytest.mark.parametrize("event", STATUSES)
def test_each_status_moves_its_message(client: Client, provider: Provider, event: str) -> None:
    (message,) = queued(provider)
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, first_id(event))])
    assert client.post(STATUS, raw(event), content_type="application/json").status_code == 200
    drain_statuses(clock())
    fresh = reloaded(message)
    state, error, times = STATUSES[event]
    assert (fresh.state_key, fresh.error) == (state, error)
    stages = ("sent_at", "expired_at", "failed_at", "delivered_at", "read_at")
    assert {stage: getattr(fresh, stage) for stage in stages if getattr(fresh, stage)} == times
    assert not QuarantinedItem.objects.exists()


def test_the_second_item_of_a_bulk_counts_as_much_as_the_first(client: Client, provider: Provider) -> None:
    client.post(STATUS, raw("status_sms_bulk"), content_type="application/json")
    drain_statuses(clock())
    kept = UnmatchedStatus.objects.order_by("index").values_list("provider_message_id", flat=True)
    assert list(kept) == ["w-sms", "w-sms-2"]


def test_no_captured_callback_is_left_out() -> None:
    captured = {file.stem for file in FOLDER.glob("*.json") if file.stem.startswith(("message_", "status_"))}
    assert captured == {*MESSAGES, *STATUSES, "message_bulk_with_a_bad_item"}
