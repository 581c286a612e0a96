"""What became of messages of bases in each minute: counted while tallies are folded."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Q

from dialers.models import Base, Dialer
from providers import ledger, minutes, tally
from providers.models import Message, MinuteTally, Provider
from providers.states import State
from providers.unconfirmed import BATCHES, batches_unconfirmed
from tests.factories import NOW, make_base, make_contact, make_dialer, make_provider, outgoing

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider() -> Provider:
    return make_provider(last_callback_at=NOW - timedelta(hours=2))


@pytest.fixture
def dialer(provider: Provider) -> Dialer:
    return make_dialer(provider)


def messages(dialer: Dialer, n: int) -> list[Message]:
    base = make_base(dialer)
    return [outgoing(make_contact(dialer.provider, f"5989912{i:04}"), base=base) for i in range(n)]


def moved(found: list[Message], state: State, at: datetime, error: str = "") -> None:
    """They come to a state, and the sweep folds what that changed."""
    ledger.move([ledger.Move(one.pk, state, {}, error=error) for one in found])
    tally.fold(now=at)


def test_the_minutes_add_up_to_what_the_ledger_says(dialer: Dialer) -> None:
    sent = messages(dialer, 7)
    moved(sent[:4], State.ACCEPTED, NOW - 3 * MINUTE)
    moved(sent[4:6], State.ACCEPTED, NOW)
    taken = minutes.taken_of_last_hour(NOW)
    assert (len(taken), taken[-4], taken[-1]) == (60, 4, 2)
    assert sum(taken) == Message.objects.filter(state=State.ACCEPTED).count() == 6


def test_a_receipt_counts_no_message_twice(dialer: Dialer) -> None:
    sent = messages(dialer, 3)
    moved(sent, State.ACCEPTED, NOW - MINUTE)
    moved(sent, State.DELIVERED, NOW)
    assert sum(minutes.taken_of_last_hour(NOW)) == 3


def test_what_is_older_than_an_hour_counts_no_more(dialer: Dialer) -> None:
    moved(messages(dialer, 2), State.ACCEPTED, NOW)
    assert sum(minutes.taken_of_last_hour(NOW + timedelta(minutes=59))) == 2
    assert sum(minutes.taken_of_last_hour(NOW + timedelta(minutes=60))) == 0


def test_failures_are_told_by_provider_and_reason(dialer: Dialer) -> None:
    sent = messages(dialer, 3)
    moved(sent[:2], State.REFUSED, NOW, "credentials")
    moved(sent[2:], State.FAILED, NOW, "unknown_number")
    told = minutes.lately(NOW)[dialer.provider_id]
    assert told.failures == {(State.REFUSED, "credentials"): 2, (State.FAILED, "unknown_number"): 1}
    assert minutes.lately(NOW, [0]) == {}


def test_unconfirmed_ones_that_turn_out_to_have_left_are_no_failure(dialer: Dialer) -> None:
    sent = messages(dialer, 2)
    moved(sent, State.UNCERTAIN, NOW - MINUTE, "no_answer")
    moved(sent, State.ACCEPTED, NOW)
    told = minutes.lately(NOW)[dialer.provider_id]
    assert (told.failures, sum(told.taken.values())) == ({}, 2)


@pytest.mark.parametrize(
    ("sent_before", "heard_before", "silent"),
    [(20, None, True), (20, 30, True), (20, 10, False), (5, 30, False)],
    ids=["never heard", "heard before", "heard since", "sent just now"],
)
def test_a_provider_is_silent_that_takes_messages_and_calls_nothing_back(
    dialer: Dialer, provider: Provider, sent_before: int, heard_before: int | None, silent: bool
) -> None:
    provider.last_callback_at = heard_before and NOW - heard_before * MINUTE  # type: ignore[assignment]  # None too
    provider.save()
    moved(messages(dialer, 1), State.ACCEPTED, NOW - sent_before * MINUTE)
    assert minutes.silent_providers(NOW) == ([provider.pk] if silent else [])


def test_a_day_is_kept(dialer: Dialer) -> None:
    moved(messages(dialer, 1), State.ACCEPTED, NOW)
    minutes.forget(NOW + timedelta(hours=24))
    assert MinuteTally.objects.count() == 1
    minutes.forget(NOW + timedelta(hours=26))
    assert not MinuteTally.objects.exists()


def test_a_base_of_another_kind_is_left_out(dialer: Dialer) -> None:
    moved(messages(dialer, 2), State.ACCEPTED, NOW)
    own = Base.objects.get()
    assert sum(minutes.taken_of_last_hour(NOW, Q(batch=own.pk))) == 2
    assert sum(minutes.taken_of_last_hour(NOW, Q(batch=own.pk + 1))) == 0


def test_batches_with_unconfirmed_messages_are_found_by_their_index(dialer: Dialer) -> None:
    doubtful, fine = messages(dialer, 3), messages_of_others(dialer)
    moved(doubtful, State.UNCERTAIN, NOW, "no_answer")
    moved(fine, State.ACCEPTED, NOW)
    assert batches_unconfirmed() == [doubtful[0].batch]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + BATCHES.format(state=int(State.UNCERTAIN)), [1])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "message_uncertain_in_batch" in plan
    assert "Seq Scan on providers_message" not in plan


def messages_of_others(dialer: Dialer) -> list[Message]:
    """Of a base of the same dialer."""
    base = make_base(dialer, "second.csv")
    return [outgoing(make_contact(dialer.provider, f"5989920{i:04}"), base=base) for i in range(3)]
