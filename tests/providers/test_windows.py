"""Wavy says that no session is open: ours closes at once, and opens with the customer's next message."""

from collections.abc import Callable
from datetime import datetime
from itertools import permutations
from typing import Any

import pytest
import responses
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime

from providers import ledger, outbox
from providers.errors import Refusal
from providers.models import Contact, Message, Provider
from providers.replies import send_replies
from providers.told import told
from tests.factories import NOW, make_contact, outgoing
from tests.providers.scenes import (
    accepted,
    answers_with,
    clock,
    later,
    message_item,
    messages,
    number,
    reloaded,
    status_item,
    statuses,
)

WROTE, SENT = later(minutes=-10), later(minutes=-5)
TEXT, TEMPLATE = ("text", {"text": "Hello"}), ("hsm", {"code": "c", "parameters": [], "language": "es"})
PHOTO = ("image", {"media": 1})


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider, number(1), last_incoming_at=WROTE)


def left(contact: Contact, what: tuple[str, dict[str, Any]] = TEXT, at: datetime = SENT) -> Message:
    kind, content = what
    return outgoing(contact, at=at, kind=kind, content=content, submitting_at=at)


def said(message: Message, sent: int, delivered: int | None = None) -> Callable[[], object]:
    item = status_item(message, sent, delivered)
    return lambda: statuses(message.provider, item)


def wrote(contact: Contact, at: datetime, **more: Any) -> Callable[[], object]:
    item = message_item(contact.contact, at=at, **more)
    return lambda: messages(contact.provider, item, at=max(at, NOW))


def in_words(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")


@pytest.mark.parametrize(
    ("what", "codes", "closes"),
    [
        pytest.param(TEXT, (210, None), True, id="210 for a text"),
        pytest.param(PHOTO, (210, None), True, id="210 for a picture"),
        pytest.param(TEXT, (2, 210), True, id="210 told late"),
        pytest.param(TEXT, (2, 104), True, id="2/104 for a text"),
        pytest.param(PHOTO, (2, 104), True, id="2/104 for a picture"),
        pytest.param(TEMPLATE, (2, 104), False, id="2/104 for a template"),
        pytest.param(TEXT, (2, 103), False, id="another trouble"),
        pytest.param(TEXT, (202, None), False, id="no such number"),
        pytest.param(TEXT, (2, 4), False, id="delivered"),
    ],
)
def test_what_wavy_says_of_a_message_closes_the_session(
    contact: Contact, what: Any, codes: tuple[int, int | None], closes: bool
) -> None:
    said(left(contact, what), *codes)()
    contact.refresh_from_db()
    assert contact.window_open(NOW) is not closes
    assert contact.window_expires_at == (SENT if closes else WROTE + (later(hours=24) - NOW))


def test_the_composer_is_told_since_when(contact: Contact) -> None:
    said(left(contact), 210)()
    contact.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        outbox.send(contact, outbox.compose_text("Still there?"), None, NOW)
    with translation.override("en"):
        assert f"session ended on {in_words(SENT)}" in refused.value.sentence


def test_the_customers_next_message_opens_it_again(contact: Contact) -> None:
    said(left(contact), 210)()
    wrote(contact, later(minutes=1))()
    contact.refresh_from_db()
    assert contact.window_open(later(minutes=2))
    assert contact.window_expires_at == later(hours=24, minutes=1)


def test_a_late_word_of_an_older_message_leaves_a_newer_session_open(contact: Contact) -> None:
    older = left(contact)
    wrote(contact, later(minutes=-1))()
    said(older, 210)()
    contact.refresh_from_db()
    assert contact.window_open(NOW)


@pytest.mark.parametrize("newest", [later(minutes=-7), later(minutes=-1)], ids=["ours", "the customer's"])
def test_any_order_and_repetition_ends_alike(contact: Contact, newest: datetime) -> None:
    """Two refused texts around a message of the customer: what came last decides, whenever it is told."""
    first, second = left(contact, at=later(minutes=-8)), left(contact, at=later(minutes=-6))
    told_all = [
        said(first, 210),
        said(second, 2, 104),
        wrote(contact, newest, id="in-newest"),
        said(second, 2, 104),
    ]
    ends = set()
    for order in permutations(told_all):
        Contact.objects.update(last_incoming_at=WROTE, window_closed_at=None)
        Message.objects.filter(direction=2).delete()
        for tell in order:
            tell()
        contact.refresh_from_db()
        ends.add((contact.last_incoming_at, contact.window_closed_at, contact.window_open(NOW)))
    assert ends == {(newest, later(minutes=-6), newest > later(minutes=-6))}


def test_a_text_that_waited_in_its_lane_past_the_session_is_refused_and_says_when_it_ended(
    contact: Contact, wavy: responses.RequestsMock, clean_redis: None
) -> None:
    answers_with(wavy, accepted)
    queued = outbox.send(contact, outbox.compose_text("In a moment"), None, NOW)
    ended = WROTE + (later(hours=24) - NOW)
    send_replies(clock(ended))
    message = reloaded(queued)
    assert (message.state_key, message.error, len(wavy.calls)) == ("refused", "window_closed", 0)
    with translation.override("en"):
        assert f"session ended on {in_words(ended)}" in told(message.error_detail)


def test_a_text_that_waited_while_wavy_closed_the_session_is_refused(
    contact: Contact, wavy: responses.RequestsMock, clean_redis: None
) -> None:
    answers_with(wavy, accepted)
    refused = left(contact, at=later(seconds=-1))
    ledger.move([ledger.Move(refused.pk, 40, {"accepted_at": NOW})])
    waiting = outbox.send(contact, outbox.compose_text("And another thing"), None, NOW)
    said(refused, 210)()
    send_replies(clock(later(seconds=2)))
    assert (reloaded(waiting).error, len(wavy.calls)) == ("window_closed", 0)
