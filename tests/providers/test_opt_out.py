"""Opting out: a customer's STOP and a provider's word join the registry, are confirmed once, and outlive no removal."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
import responses
from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from providers import do_not_call, ledger, tally
from providers.callbacks.drain import drain_messages
from providers.drivers.base import Incoming
from providers.errors import Refusal
from providers.incoming import Arrived, receive
from providers.models import Contact, Direction, DoNotCall, DoNotCallRemoval, Message, Provider, SendingRules
from providers.models.callback import CallbackKind
from providers.models.do_not_call import Source
from providers.outbox import compose_text
from providers.outbox import send as write_to
from providers.replies import send_replies
from providers.wake import redis
from tests.factories import CUSTOMER, NOW, make_contact
from tests.providers.scenes import (
    BATCH,
    accepted,
    answers_with,
    clock,
    envelope,
    later,
    message_item,
    messages,
    number,
    queued,
    reloaded,
    sent_by,
    status_item,
    statuses,
    stored,
)

pytestmark = pytest.mark.django_db
CONFIRMATION = "You will get no more messages from us."


@pytest.fixture
def confirmation() -> None:
    SendingRules.objects.create(id=1, stop_confirmation=CONFIRMATION)


def confirmations() -> list[Message]:
    return list(Message.objects.filter(direction=Direction.OUT, opt_out=True).order_by("id"))


def taken_out(at: Any) -> None:
    """Everything leaves the registry."""
    do_not_call.remove_many(list(DoNotCall.objects.values_list("pk", flat=True)), None, "They called us.", at)


# Joining


def test_a_stop_joins_the_registry_of_its_provider(provider: Provider) -> None:
    messages(provider, message_item("5511987654321", " Stop. "), at=later(seconds=3))

    entry = DoNotCall.objects.get()
    assert (entry.number, entry.provider, entry.source) == ("5511987654321", provider, Source.CUSTOMER)
    assert (entry.reason, entry.created_at) == ("Stop.", later(seconds=3))


def test_the_ninth_digit_makes_nobody_else(provider: Provider) -> None:
    messages(provider, message_item("551187654321", "SAIR"))

    assert DoNotCall.objects.get().number == "5511987654321"


@pytest.mark.parametrize(
    ("content", "joins"),
    [
        pytest.param({"type": "TEXT", "messageText": "baja"}, True, id="a text"),
        pytest.param({"type": "BUTTON", "button": {"payload": "BAJA"}}, True, id="a button"),
        pytest.param(
            {"interactive": {"type": "button_reply", "buttonReply": {"title": "Baja"}}},
            True,
            id="a quick answer",
        ),
        pytest.param(
            {"interactive": {"type": "list_reply", "listReply": {"rowTitle": "Baja"}}},
            True,
            id="a row of a list",
        ),
        pytest.param(
            {"type": "IMAGE", "mediaUrl": "https://m/1", "caption": "BAJA"}, False, id="under a picture"
        ),
        pytest.param({"type": "TEXT", "messageText": "baja por favor"}, False, id="among other words"),
    ],
)
def test_a_word_counts_where_it_is_the_whole_message(
    provider: Provider, content: dict[str, Any], joins: bool
) -> None:
    messages(provider, message_item(CUSTOMER, message=content))

    assert DoNotCall.objects.exists() is joins
    assert Message.objects.get().opt_out is joins


def test_the_words_are_those_of_the_rules(provider: Provider) -> None:
    SendingRules.objects.create(id=1, stop_words="NO MÁS\n")

    messages(provider, message_item(number(1), "no mas"), message_item(number(2), "STOP"))

    assert DoNotCall.objects.get().number == number(1)


def test_a_stop_is_no_reply_in_the_funnel_though_it_is_known_what_it_answers(provider: Provider) -> None:
    (message,) = queued(provider, batch=BATCH)
    ledger.move([ledger.Move(message.pk, 60, {"sent_at": NOW})])

    messages(provider, message_item(message.address, "STOP", later(minutes=1)), at=later(minutes=1))

    assert (reloaded(message).replied_at, tally.read([BATCH])[BATCH]["replied"]) == (None, 0)
    assert Message.objects.get(opt_out=True, direction=Direction.IN).answers == message


def test_what_else_they_write_is_a_reply_before_a_stop_and_after_it(provider: Provider) -> None:
    (message,) = queued(provider, batch=BATCH)
    ledger.move([ledger.Move(message.pk, 60, {"sent_at": NOW})])
    words = [("STOP", 1), ("But one question", 3), ("stop", 4)]

    messages(
        provider,
        *[message_item(message.address, text, later(minutes=minute)) for text, minute in words],
        at=later(minutes=5),
    )

    assert reloaded(message).replied_at == later(minutes=3)
    assert tally.read([BATCH])[BATCH]["replied"] == 1


def test_many_stops_ask_as_often_as_one(
    provider: Provider, confirmation: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    counts = []
    for start, n in ((0, 1), (100, 40)):
        items = [message_item(number(start + i), "STOP") for i in range(n)]
        stored(provider, CallbackKind.MESSAGE, envelope(*items))
        with django_assert_max_num_queries(60) as asked:
            drain_messages(clock())
        counts.append(len(asked))

    assert counts[0] == counts[1]
    assert len(confirmations()) == 41


# The confirmation


def test_it_is_confirmed_once_although_nothing_else_may_leave(
    provider: Provider, confirmation: None, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    messages(provider, message_item(CUSTOMER, "STOP"))
    messages(provider, message_item(CUSTOMER, "stop!", later(minutes=1)), at=later(minutes=1))

    send_replies(clock(later(minutes=2)))

    (confirmed,) = confirmations()
    assert [confirmed.text, confirmed.state_key] == [CONFIRMATION, "accepted"]
    assert [sent_by(call.request) for call in wavy.calls] == [[str(confirmed.correlation_id)]]


def test_it_wakes_the_lane_of_single_messages(
    provider: Provider,
    confirmation: None,
    clean_redis: None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        messages(provider, message_item(CUSTOMER, "STOP"))

    assert redis.exists("wake:providers.send_replies")


def test_without_a_text_nothing_is_answered(provider: Provider) -> None:
    messages(provider, message_item(CUSTOMER, "STOP"))

    assert DoNotCall.objects.exists()
    assert confirmations() == []


def test_a_stop_that_was_read_after_its_window_is_not_answered(
    provider: Provider, confirmation: None
) -> None:
    stored(provider, CallbackKind.MESSAGE, envelope(message_item(CUSTOMER, "STOP")))
    drain_messages(clock(later(hours=25)))

    assert DoNotCall.objects.exists()
    assert confirmations() == []


def test_a_window_that_closed_before_it_left_holds_it_back(provider: Provider, confirmation: None) -> None:
    messages(provider, message_item(CUSTOMER, "STOP"))

    send_replies(clock(later(hours=25)))

    (confirmed,) = confirmations()
    assert (confirmed.error, confirmed.held_back) == ("window_closed", True)


def test_nothing_else_may_leave_to_who_opted_out(provider: Provider, confirmation: None) -> None:
    messages(provider, message_item(CUSTOMER, "STOP"))

    with pytest.raises(Refusal) as why:
        write_to(Contact.objects.get(), compose_text("One more thing"), None, NOW)

    assert why.value.code == "do_not_call"


def test_a_text_that_waited_is_held_back_by_the_stop(
    provider: Provider, confirmation: None, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    waiting = write_to(
        make_contact(provider, last_incoming_at=NOW), compose_text("Are you there?"), None, NOW
    )

    messages(provider, message_item(CUSTOMER, "STOP"))
    send_replies(clock(later(minutes=1)))

    assert (reloaded(waiting).error, reloaded(waiting).held_back) == ("do_not_call", True)
    assert [message.state_key for message in confirmations()] == ["accepted"]


def test_what_they_write_next_answers_the_base_and_not_the_confirmation(
    provider: Provider, confirmation: None
) -> None:
    (message,) = queued(provider)
    ledger.move([ledger.Move(message.pk, 60, {"sent_at": NOW})])
    messages(provider, message_item(message.address, "STOP"), at=later(minutes=1))
    ledger.move([ledger.Move(confirmations()[0].pk, 60, {"sent_at": later(minutes=2)})])

    messages(provider, message_item(message.address, "Who are you?"), at=later(minutes=3))

    assert Message.objects.get(text="Who are you?").answers == message


def test_who_was_removed_and_opts_out_again_is_confirmed_again(
    provider: Provider, confirmation: None
) -> None:
    messages(provider, message_item(CUSTOMER, "STOP"))
    taken_out(later(hours=1))

    messages(provider, message_item(CUSTOMER, "STOP", later(hours=2)), at=later(hours=2))

    assert DoNotCall.objects.count() == 1
    assert len(confirmations()) == 2


@pytest.mark.django_db(transaction=True)
def test_two_stops_at_once_make_one_entry_and_one_confirmation(
    provider: Provider, confirmation: None
) -> None:
    both_are_there = Barrier(2)

    def arrives(key: str) -> None:
        said = Incoming(key, CUSTOMER, provider.number, "text", "STOP", {}, NOW)
        both_are_there.wait(10)
        with transaction.atomic():
            receive([Arrived(provider, said, NOW)], NOW)
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(arrives, ("in-a", "in-b")))

    assert Message.objects.filter(direction=Direction.IN, opt_out=True).count() == 2
    assert DoNotCall.objects.count() == 1
    assert len(confirmations()) == 1


# Removed, and told again


def test_a_replay_of_the_providers_word_brings_nobody_back(provider: Provider) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 204), at=later(minutes=1))
    taken_out(later(minutes=2))

    call_command("replay_callbacks", stdout=StringIO())

    assert not DoNotCall.objects.exists()


def test_a_newer_word_of_the_provider_does(provider: Provider) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 204), at=later(minutes=1))
    taken_out(later(minutes=2))

    statuses(provider, status_item(message, 204), at=later(minutes=3))

    assert DoNotCall.objects.get().source == Source.PROVIDER


def test_a_late_stop_from_before_the_removal_brings_nobody_back(
    provider: Provider, confirmation: None
) -> None:
    messages(provider, message_item(CUSTOMER, "STOP"), at=later(minutes=1))
    stored(provider, CallbackKind.MESSAGE, envelope(message_item(CUSTOMER, "STOP")), later(minutes=2))
    taken_out(later(minutes=3))

    drain_messages(clock(later(minutes=4)))

    assert not DoNotCall.objects.exists()
    assert len(confirmations()) == 1


@pytest.mark.parametrize(
    ("removed", "joins"),
    [
        pytest.param({"source": Source.CUSTOMER}, False, id="their own opt-out, at all providers"),
        pytest.param({"source": Source.EXTERNAL}, True, id="an external registry's entry"),
        pytest.param({"source": Source.OPERATOR}, True, id="an entry of ours"),
    ],
)
def test_only_the_removal_of_such_an_entry_outlives_an_opt_out(
    provider: Provider, removed: dict[str, Any], joins: bool
) -> None:
    DoNotCall.objects.create(number=CUSTOMER, **removed)
    taken_out(later(minutes=3))

    messages(provider, message_item(CUSTOMER, "STOP"), at=later(minutes=2))

    assert DoNotCall.objects.exists() is joins


def test_a_removal_at_another_provider_means_nothing_here(
    provider: Provider, other_provider: Provider
) -> None:
    DoNotCall.objects.create(number=CUSTOMER, provider=other_provider, source=Source.CUSTOMER)
    taken_out(later(minutes=3))

    messages(provider, message_item(CUSTOMER, "STOP"), at=later(minutes=2))

    assert DoNotCall.objects.get().provider == provider


def test_a_removal_says_who_when_and_why(provider: Provider) -> None:
    entry = do_not_call.add("+598 99 123 456", provider, reason="by phone")

    do_not_call.remove(entry, None, " They want them again. ", later(days=1))

    removal = DoNotCallRemoval.objects.get()
    assert (removal.number, removal.provider, removal.reason_of_entry) == (CUSTOMER, provider, "by phone")
    assert (removal.entered_at, removal.removed_at) == (entry.created_at, later(days=1))
    assert removal.reason == "They want them again."


def test_nothing_is_removed_without_a_reason(provider: Provider) -> None:
    entry = do_not_call.add(CUSTOMER, provider)

    with pytest.raises(Refusal) as why:
        do_not_call.remove(entry, None, "  ", NOW)

    assert why.value.code == "reason_missing"
    assert DoNotCall.objects.exists()
