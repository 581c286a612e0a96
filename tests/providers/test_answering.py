"""Which message of ours a customer's message answers, and what of it the funnel counts."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from providers import ledger, tally, unconfirmed
from providers.callbacks.drain import replay
from providers.contacts import contact_for
from providers.ledger import Move
from providers.models import Callback, Contact, Direction, Message, Provider
from providers.models.callback import CallbackKind
from providers.states import State
from tests.factories import CUSTOMER, NOW, make_contact
from tests.providers.scenes import (
    BATCH,
    assert_tally_is_exact,
    later,
    message_item,
    messages,
    queued,
    reloaded,
    status_item,
    statuses,
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


def replied(batch: int = BATCH) -> int:
    """What the funnel counts, which is what counting the rows gives."""
    assert_tally_is_exact(batch)
    return tally.read([batch])[batch]["replied"]


def replied_at(*sent: Message) -> list[datetime | None]:
    return [reloaded(message).replied_at for message in sent]


# Named by its correlation id


def test_the_correlation_id_says_which_message_is_answered(provider: Provider) -> None:
    contact = make_contact(provider)
    named, last = sent_to(contact), sent_to(contact)
    messages(provider, message_item(CUSTOMER, correlationId=str(named.correlation_id)))
    assert incoming()[0].answers == named
    assert (reloaded(named).replied_at, reloaded(last).replied_at) == (NOW, None)


def test_an_sms_names_the_message_it_answers_in_mt(provider: Provider) -> None:
    named = sent_to(make_contact(provider))
    bare = {
        "id": "s-1",
        "source": CUSTOMER,
        "shortCode": provider.number,
        "messageText": "Yes",
        "mt": {"correlationId": str(named.correlation_id)},
    }
    messages(provider, bare)
    assert incoming()[0].answers == named


@pytest.mark.parametrize(
    ("ago", "state", "answered"),
    [
        (timedelta(hours=1), State.SENT, True),
        (timedelta(hours=72), State.READ, True),
        (timedelta(hours=72, seconds=1), State.READ, False),
        (timedelta(hours=1), State.SUBMITTING, True),
        (timedelta(hours=1), State.UNCERTAIN, True),
        (timedelta(hours=1), State.QUEUED, False),
        (timedelta(hours=1), State.REFUSED, False),
        (timedelta(hours=1), State.FAILED, False),
    ],
    ids=[
        "sent",
        "72 hours",
        "longer ago",
        "just leaving",
        "unconfirmed",
        "queued",
        "refused",
        "not delivered",
    ],
)
def test_without_one_it_is_the_last_that_may_have_reached_them_in_72_hours(
    provider: Provider, ago: timedelta, state: State, answered: bool
) -> None:
    contact = make_contact(provider)
    last = sent_to(contact, NOW - ago, state)
    messages(provider, message_item(CUSTOMER))
    assert incoming()[0].answers == (last if answered else None)
    assert tally.read([BATCH])[BATCH]["replied"] == answered


def test_a_later_one_that_failed_does_not_hide_the_one_that_arrived(provider: Provider) -> None:
    contact = make_contact(provider)
    arrived = sent_to(contact, later(hours=-2), State.READ)
    sent_to(contact, later(hours=-1), State.FAILED)
    messages(provider, message_item(CUSTOMER))
    assert incoming()[0].answers == arrived


def test_each_row_counts_one_reply_however_much_they_write(provider: Provider) -> None:
    contact = make_contact(provider)
    message = sent_to(contact)
    messages(provider, *[message_item(CUSTOMER, at=later(minutes=n)) for n in (3, 1, 2)], at=later(minutes=5))
    messages(provider, message_item(CUSTOMER, at=later(minutes=9)), at=later(minutes=9))
    assert tally.read([BATCH])[BATCH]["replied"] == 1
    assert reloaded(message).replied_at == later(minutes=1)
    assert_tally_is_exact()


def test_an_answer_to_what_was_sent_again_belongs_to_the_one_in_its_place(provider: Provider) -> None:
    old = sent_to(make_contact(provider), state=State.UNCERTAIN)
    new = unconfirmed.send_again(old, None, NOW)
    messages(provider, message_item(CUSTOMER, correlationId=str(old.correlation_id)))
    assert incoming()[0].answers == new
    assert tally.read([BATCH])[BATCH]["replied"] == 1
    assert_tally_is_exact()


def test_a_correlation_id_holds_however_long_ago_it_was_sent(provider: Provider) -> None:
    named = sent_to(make_contact(provider), later(days=-20))
    messages(provider, message_item(CUSTOMER, correlationId=str(named.correlation_id)))
    assert (incoming()[0].answers, replied()) == (named, 1)


def test_a_correlation_id_holds_whichever_spelling_the_customer_comes_back_with(provider: Provider) -> None:
    named = sent_to(contact_for(provider, "5511987654321"))
    messages(provider, message_item("551187654321", correlationId=str(named.correlation_id)))
    assert (incoming()[0].contact, replied_at(named), replied()) == (named.contact, [NOW], 1)


@pytest.mark.parametrize("whose", ["another customer", "another provider"])
def test_what_was_sent_to_somebody_else_is_not_answered(
    provider: Provider, other_provider: Provider, whose: str
) -> None:
    """The row of somebody else must not count as replied."""
    theirs = sent_to(
        make_contact(provider, "5511987654321")
        if whose == "another customer"
        else make_contact(other_provider)
    )
    messages(provider, message_item(CUSTOMER, correlationId=str(theirs.correlation_id)))
    assert (incoming()[0].answers, replied_at(theirs), replied()) == (None, [None], 0)


def test_a_foreign_correlation_id_leaves_the_last_one_sent(provider: Provider) -> None:
    theirs = sent_to(make_contact(provider, "5511987654321"))
    own = sent_to(make_contact(provider))
    messages(provider, message_item(CUSTOMER, correlationId=str(theirs.correlation_id)))
    assert (incoming()[0].answers, replied_at(theirs, own), replied()) == (own, [None, NOW], 1)


@pytest.mark.parametrize(
    "correlation", ["", "not-a-uuid", "00000000-0000-0000-0000-000000000000", 12], ids=str
)
def test_a_correlation_id_that_is_not_ours_leaves_the_last_one_sent(
    provider: Provider, correlation: object
) -> None:
    own = sent_to(make_contact(provider))
    messages(provider, message_item(CUSTOMER, correlationId=correlation))
    assert (incoming()[0].answers, replied()) == (own, 1)


# Else the last one sent


def test_the_hours_are_a_setting(provider: Provider, settings: Any) -> None:
    settings.REPLY_HOURS = 2
    sent_to(make_contact(provider), later(hours=-3))
    messages(provider, message_item(CUSTOMER))
    assert (incoming()[0].answers, replied()) == (None, 0)


def test_the_hours_count_from_when_it_left_and_not_from_when_it_was_queued(provider: Provider) -> None:
    message = sent_to(make_contact(provider), later(hours=-80))
    Message.objects.filter(pk=message.pk).update(submitting_at=later(hours=-1))
    messages(provider, message_item(CUSTOMER))
    assert (incoming()[0].answers, replied()) == (message, 1)


def test_what_left_last_is_answered_also_where_it_was_queued_first(provider: Provider) -> None:
    contact = make_contact(provider)
    waited, straight = sent_to(contact, later(hours=-5)), sent_to(contact, later(hours=-3))
    Message.objects.filter(pk=waited.pk).update(submitting_at=later(hours=-1))
    messages(provider, message_item(CUSTOMER))
    assert (replied_at(waited, straight), replied()) == ([NOW, None], 1)


def test_the_last_one_is_that_to_the_same_contact_at_the_same_number_of_ours(
    provider: Provider, other_provider: Provider
) -> None:
    theirs = sent_to(make_contact(other_provider))
    messages(provider, message_item(CUSTOMER))
    assert (incoming()[0].answers, replied_at(theirs), replied()) == (None, [None], 0)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_what_comes_late_answers_what_was_sent_before_it_was_written(
    provider: Provider, order: tuple[int, ...]
) -> None:
    contact = make_contact(provider)
    first, second = sent_to(contact, later(hours=-4)), sent_to(contact, later(hours=-2))
    items = [message_item(CUSTOMER, str(hours), later(hours=hours)) for hours in (-5, -3, -1)]
    for place in order:
        messages(provider, items[place])
    assert {message.text: message.answers for message in incoming()} == {
        "-5": None,
        "-3": first,
        "-1": second,
    }
    assert (replied_at(first, second), replied()) == ([later(hours=-3), later(hours=-1)], 2)


def test_a_provider_whose_clock_is_a_little_behind_is_answered_all_the_same(provider: Provider) -> None:
    message = sent_to(make_contact(provider))
    messages(provider, message_item(CUSTOMER, at=later(seconds=-20)), at=later(seconds=5))
    assert (incoming()[0].answers, replied()) == (message, 1)


@pytest.mark.parametrize("dated", [1513616971473, "yesterday", None], ids=["years ago", "no date", "none"])
def test_a_date_that_cannot_be_is_no_date_to_go_by(provider: Provider, dated: object) -> None:
    message = sent_to(make_contact(provider))
    messages(provider, message_item(CUSTOMER, receivedAt=dated), at=later(minutes=1))
    assert (incoming()[0].answers, replied_at(message), replied()) == (message, [later(minutes=1)], 1)


# Before the send is answered, again, and what is sent again


def test_a_reply_before_the_answer_to_the_send_counts_once_and_the_row_goes_on(provider: Provider) -> None:
    (message,) = queued(provider)
    ledger.submit([message.pk], later(seconds=90), NOW)
    messages(provider, message_item(message.address, correlationId=str(message.correlation_id)))
    ledger.accept([(message.pk, f"w-{message.correlation_id}")], later(seconds=1))
    statuses(provider, status_item(message, delivered=4))
    assert (reloaded(message).state_key, replied_at(message), replied()) == ("delivered", [NOW], 1)


def test_a_replay_counts_no_reply_twice(provider: Provider) -> None:
    message = sent_to(make_contact(provider))
    callback = messages(provider, message_item(CUSTOMER), message_item(CUSTOMER, "And this"))
    for _ in range(2):
        replay(callback.pk, later(hours=1))
    assert (len(incoming()), replied_at(message), replied()) == (2, [NOW], 1)


def test_the_same_reply_in_two_callbacks_counts_once(provider: Provider) -> None:
    message = sent_to(make_contact(provider))
    item = message_item(CUSTOMER)
    for _ in range(2):
        stored(provider, CallbackKind.MESSAGE, item)
    for callback in Callback.objects.all():
        replay(callback.pk, NOW)
    assert (len(incoming()), replied_at(message), replied()) == (1, [NOW], 1)


def test_an_answer_belongs_to_the_last_of_those_that_were_sent_again(provider: Provider) -> None:
    old = sent_to(make_contact(provider), state=State.UNCERTAIN)
    second = unconfirmed.send_again(old, None, NOW)
    ledger.move([Move(second.pk, State.UNCERTAIN, {})])
    third = unconfirmed.send_again(reloaded(second), None, NOW)
    messages(provider, message_item(CUSTOMER, correlationId=str(old.correlation_id)))
    assert (replied_at(old, second, third), replied()) == ([None, None, NOW], 1)


def test_without_a_correlation_id_too_the_one_in_its_place_is_answered(provider: Provider) -> None:
    old = sent_to(make_contact(provider), state=State.UNCERTAIN)
    new = unconfirmed.send_again(old, None, NOW)
    messages(provider, message_item(CUSTOMER))
    assert (replied_at(old, new), replied()) == ([None, NOW], 1)


def test_a_reply_stays_with_the_row_when_what_was_to_go_again_is_taken_back(provider: Provider) -> None:
    old = sent_to(make_contact(provider), state=State.UNCERTAIN)
    new = unconfirmed.send_again(old, None, NOW)
    messages(provider, message_item(CUSTOMER, correlationId=str(old.correlation_id)))
    unconfirmed.take_back(BATCH, [new.pk])
    new.delete()
    tally.append({(BATCH, int(State.QUEUED)): -1})  # as whoever removes it does
    assert (incoming()[0].answers, replied_at(old), replied()) == (old, [NOW], 1)
