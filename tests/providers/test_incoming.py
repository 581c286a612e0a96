"""Customers' messages: into the ledger once, the window renewed, and which message of ours they answer."""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from providers import ledger, tally
from providers.callbacks.drain import drain_messages
from providers.contacts import contact_for, contacts_for, matching
from providers.ledger import Move
from providers.models import Contact, Direction, Message, Provider
from providers.models.callback import CallbackKind
from providers.states import State
from providers.wake import redis
from tests.factories import CUSTOMER, NOW, make_contact
from tests.providers.scenes import (
    BATCH,
    clock,
    envelope,
    later,
    message_item,
    messages,
    millis,
    number,
    queued,
    stored,
)


def incoming() -> list[Message]:
    return list(Message.objects.filter(direction=Direction.IN).order_by("id"))


def sent_to(contact: Contact, at: Any = NOW, state: State = State.SENT, batch: int | None = BATCH) -> Message:
    """A message of ours that left for a contact."""
    (message,) = ledger.queue(
        contact.provider, [ledger.Draft(contact, "text", {"text": "Hi"}, "Hi", batch=batch)], at
    )
    ledger.move([Move(message.pk, state, {})])
    return message


# Into the ledger


def test_a_message_is_in_the_ledger_as_it_came(provider: Provider) -> None:
    content = {"type": "IMAGE", "mediaUrl": "https://media/1", "caption": "A photo"}
    item = message_item(CUSTOMER, message=content, userProfile={"name": "Ana"})
    messages(provider, item, at=later(seconds=2))
    (message,) = incoming()
    assert (message.kind, message.text, message.content) == ("image", "A photo", content)
    assert (message.did, message.address, message.provider_message_id) == (
        provider.number,
        CUSTOMER,
        item["id"],
    )
    assert (message.state_key, message.received_at, message.taken_up) == ("received", NOW, False)
    assert (message.contact.contact, message.contact.name) == (CUSTOMER, "Ana")


def test_what_comes_twice_is_there_once(provider: Provider) -> None:
    item = message_item(CUSTOMER)
    messages(provider, item, item)
    messages(provider, item | {"message": {"messageText": "changed"}}, at=later(minutes=1))
    assert [message.text for message in incoming()] == ["Hello"]


def test_the_same_id_at_two_providers_is_two_messages(provider: Provider, other_provider: Provider) -> None:
    item = message_item(CUSTOMER)
    messages(provider, item)
    messages(other_provider, item)
    assert len(incoming()) == 2


def test_the_order_of_a_bulk_is_the_order_of_the_ledger(provider: Provider) -> None:
    messages(provider, *[message_item(CUSTOMER, str(n)) for n in range(5)])
    assert [message.text for message in incoming()] == ["0", "1", "2", "3", "4"]


@pytest.mark.usefixtures("clean_redis")
def test_whoever_routes_is_woken_once_it_is_committed(
    provider: Provider, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        messages(provider, message_item(CUSTOMER))
        assert not redis.exists("wake:sessions.route")
    assert redis.exists("wake:sessions.route")


# The window


@pytest.mark.parametrize(
    ("before", "written", "came", "after"),
    [
        (None, 0, 1, 0),
        (-10, 0, 1, 0),
        (0, -10, 1, 0),
        (None, 60, 1, 1),
        (-10, 600, 1, 1),
        (5, 0, 1, 5),
    ],
    ids=["first", "renewed", "a late one", "a clock ahead", "far ahead", "an earlier one that comes later"],
)
def test_the_window_is_renewed_never_shortened_and_never_stretched(
    provider: Provider, before: int | None, written: int, came: int, after: int
) -> None:
    """Minutes from NOW: of the last message so far, when this one was written, when it came, and what holds then."""
    make_contact(provider, last_incoming_at=None if before is None else later(minutes=before))
    messages(provider, message_item(CUSTOMER, at=later(minutes=written)), at=later(minutes=came))
    contact = Contact.objects.get()
    assert contact.last_incoming_at == later(minutes=after)
    assert contact.window_open(later(minutes=after, hours=23))


def test_without_a_date_the_window_begins_when_the_callback_came(provider: Provider) -> None:
    messages(provider, message_item(CUSTOMER, receivedAt=None), at=later(minutes=3))
    assert Contact.objects.get().last_incoming_at == later(minutes=3)


def test_of_many_in_one_bulk_the_latest_renews(provider: Provider) -> None:
    items = [message_item(CUSTOMER, at=later(minutes=minute)) for minute in (1, 9, 4)]
    messages(provider, *items, at=later(minutes=10))
    assert Contact.objects.get().last_incoming_at == later(minutes=9)


@pytest.mark.parametrize(
    ("known", "comes", "kept"),
    [("", "Ana", "Ana"), ("Ana", "", "Ana"), ("Ana", "Ana Lima", "Ana Lima"), ("", "", "")],
    ids=["first", "a message without", "a new one", "none"],
)
def test_names_are_kept(provider: Provider, known: str, comes: str, kept: str) -> None:
    make_contact(provider, name=known)
    messages(provider, message_item(CUSTOMER, userProfile={"name": comes}))
    assert Contact.objects.get().name == kept


def test_a_late_message_does_not_bring_back_an_old_name_or_address(provider: Provider) -> None:
    messages(provider, message_item("5511987654321", userProfile={"name": "New"}))
    old = message_item("551187654321", at=later(hours=-1), userProfile={"name": "Old"})
    messages(provider, old, at=later(minutes=1))
    contact = Contact.objects.get()
    assert (contact.name, contact.address) == ("New", "5511987654321")


# Spellings


@pytest.mark.parametrize(
    ("dialled", "answers_as"),
    [
        ("5511987654321", "551187654321"),
        ("551187654321", "5511987654321"),
        ("525512345678", "5215512345678"),
        ("5215512345678", "525512345678"),
        ("541123456789", "5491123456789"),
        ("5491123456789", "541123456789"),
        ("59899123456", "+598 99 123-456"),
    ],
    ids=[
        "Brazil, ninth digit dialled",
        "Brazil, ninth digit answered",
        "Mexico, 1 answered",
        "Mexico, 1 dialled",
        "Argentina, 9 answered",
        "Argentina, 9 dialled",
        "with signs",
    ],
)
def test_every_spelling_lands_at_the_same_contact(provider: Provider, dialled: str, answers_as: str) -> None:
    contact = contact_for(provider, dialled)
    messages(provider, message_item(answers_as))
    assert Contact.objects.count() == 1
    (message,) = incoming()
    assert message.contact == contact
    contact.refresh_from_db()
    assert contact.address == "".join(filter(str.isdigit, answers_as))  # the form that they can be reached at
    assert contact.contact in matching(answers_as)


def test_the_same_person_at_two_numbers_of_ours_is_two_contacts(
    provider: Provider, other_provider: Provider
) -> None:
    messages(provider, message_item(CUSTOMER))
    messages(other_provider, message_item(CUSTOMER))
    assert Contact.objects.count() == 2


def test_contacts_of_many_addresses_cost_three_queries(
    provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        found = contacts_for(provider, [number(index) for index in range(100)])
    assert len(found) == 100


# Bounds


@pytest.mark.parametrize("n", [1, 50])
def test_a_bulk_costs_the_same_queries_whatever_its_size(
    provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries, n: int
) -> None:
    ours = queued(provider, n)
    ledger.move(Move(message.pk, State.SENT, {}) for message in ours)
    items = [
        message_item(
            message.contact.address,
            at=NOW,
            correlationId=str(message.correlation_id) if key % 2 else "",
            receivedAt=millis(NOW),
        )
        for key, message in enumerate(ours)
    ]
    stored(provider, CallbackKind.MESSAGE, envelope(*items))
    with django_assert_max_num_queries(34):
        drain_messages(clock())
    assert len(incoming()) == n
    assert tally.read([BATCH])[BATCH]["replied"] == n
