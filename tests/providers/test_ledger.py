"""The ledger: any order, repetition and subset of events ends in the same state, times and error."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from providers import ledger, tally
from providers.drivers.base import Receipt
from providers.drivers.wavy_statuses import read_status
from providers.errors import Refusal
from providers.ledger import Move
from providers.models import Callback, Message, Provider, TallyDelta
from providers.models.callback import CallbackKind
from providers.states import STAGES, State
from providers.statuses import Found, apply
from tests.factories import NOW, make_provider
from tests.providers.scenes import (
    BATCH,
    assert_tally_is_exact,
    later,
    millis,
    queued,
    reloaded,
    states,
    stored,
)

SENT, DELIVERED, READ, FAILED = later(seconds=1), later(seconds=4), later(seconds=9), later(seconds=6)


@dataclass(frozen=True)
class Event:
    """What is told (an outcome, or the fields of a status item), and what must come of it."""

    name: str
    state: State
    times: dict[str, datetime]
    error: str = ""
    item: dict[str, object] = field(default_factory=dict)
    code: str = ""

    def __repr__(self) -> str:
        return self.name


def item(**fields: object) -> dict[str, object]:
    return {"sent": True, "sentStatusCode": 2, "sentAt": millis(SENT), **fields}


EVENTS = [
    Event("answered", State.ACCEPTED, {"accepted_at": NOW}),
    Event("unanswered", State.UNCERTAIN, {"uncertain_at": later(seconds=2)}, "no_answer"),
    Event("sent", State.SENT, {"sent_at": SENT}, item=item(), code="2"),
    Event(
        "sent earlier",
        State.SENT,
        {"sent_at": NOW},
        item=item(sentAt=millis(NOW)),
        code="2",
    ),
    Event(
        "delivered",
        State.DELIVERED,
        {"sent_at": SENT, "delivered_at": DELIVERED},
        item=item(deliveredStatusCode=4, deliveredAt=millis(DELIVERED)),
        code="4",
    ),
    Event(
        "delivered without a date",
        State.DELIVERED,
        {"sent_at": SENT, "delivered_at": later(minutes=1)},
        item=item(deliveredStatusCode=4),
        code="4",
    ),
    Event(
        "read",
        State.READ,
        {"sent_at": SENT, "read_at": READ},
        item=item(deliveredStatusCode=5, read=True, readAt=millis(READ)),
        code="5",
    ),
    Event(
        "not delivered",
        State.FAILED,
        {"sent_at": SENT, "failed_at": FAILED},
        "not_delivered",
        item(deliveredStatusCode=104, deliveredAt=millis(FAILED)),
        "104",
    ),
    Event(
        "no such number", State.FAILED, {"failed_at": SENT}, "invalid_number", item(sentStatusCode=202), "202"
    ),
    Event(
        "expired",
        State.EXPIRED,
        {"sent_at": SENT, "expired_at": DELIVERED},
        "expired",
        item(deliveredStatusCode=101, deliveredAt=millis(DELIVERED)),
        "101",
    ),
    Event("a code nobody knows", State.QUEUED, {}, item={"sentStatusCode": 999}, code="999"),
]


def tell(message: Message, events: Sequence[Event], callback: Callback) -> None:
    """All of them at once, as one batch of a drain would."""
    found: list[Found] = []
    for event in events:
        if event.item:
            receipt = read_status({"id": "w-1", "correlationId": str(message.correlation_id), **event.item})
            assert isinstance(receipt, Receipt)
            found.append(Found(message.provider_id, callback.pk, later(minutes=1), 0, receipt))
        else:
            ledger.move(
                [Move(message.pk, event.state, event.times, provider_message_id="w-1", error=event.error)]
            )
    apply(found)


def end(message: Message) -> dict[str, object]:
    fresh = reloaded(message)
    stages = {column: getattr(fresh, column) for column in STAGES.values()}
    return {"state": fresh.state, "error": fresh.error, "code": fresh.raw_code} | {
        column: at for column, at in stages.items() if at
    }


def expected(events: Sequence[Event]) -> dict[str, object]:
    """What must come of them, worked out from the events alone."""
    top = max((event.state for event in events), default=State.QUEUED)
    times: dict[str, datetime] = {}
    for event in events:
        for stage, at in event.times.items():
            times[stage] = min(at, times.get(stage, at))
    errors = sorted(event.error for event in events if event.state == top and event.error)
    codes = sorted((len(event.code), event.code) for event in events)
    return {
        "state": max(top, State.SUBMITTING),
        "error": errors[0] if errors else "",
        "code": codes[-1][1] if codes else "",
        **times,
    }


orders = st.lists(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=4), max_size=6)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=orders)
def test_any_order_repetition_and_subset_of_events_ends_alike(
    provider: Provider, batches: list[list[Event]]
) -> None:
    (message,) = queued(provider)
    callback = stored(provider, CallbackKind.STATUS, {})
    ledger.submit([message.pk], later(seconds=90), NOW)
    for batch in batches:
        tell(message, batch, callback)
        assert_tally_is_exact()
    assert end(message) == expected([event for batch in batches for event in batch])


@pytest.mark.parametrize("late", [event for event in EVENTS if event.state < State.READ], ids=repr)
def test_nothing_late_takes_read_back(provider: Provider, late: Event) -> None:
    (message,) = queued(provider)
    callback = stored(provider, CallbackKind.STATUS, {})
    read = next(event for event in EVENTS if event.name == "read")
    tell(message, [read], callback)
    tell(message, [late], callback)
    fresh = reloaded(message)
    assert (fresh.state, fresh.error, fresh.read_at) == (State.READ, "", READ)


def test_a_failure_told_after_delivery_does_not_undo_it(provider: Provider) -> None:
    (message,) = queued(provider)
    callback = stored(provider, CallbackKind.STATUS, {})
    by_name = {event.name: event for event in EVENTS}
    tell(message, [by_name["not delivered"]], callback)
    assert reloaded(message).error == "not_delivered"
    tell(message, [by_name["delivered"]], callback)
    tell(message, [by_name["no such number"]], callback)
    fresh = reloaded(message)
    assert (fresh.state, fresh.error) == (State.DELIVERED, "")
    assert fresh.failed_at == SENT  # that it was told stays on record


@pytest.mark.parametrize(
    "sayings",
    [
        [("no_credit", "a"), ("carrier_error", "z"), ("carrier_error", "b"), ("", "words")],
        [("x_y", ""), ("xY", ""), ("x y", ""), ("X_Y", "")],
        [("", "B"), ("", "a"), ("", ""), ("", "é")],
    ],
    ids=["error before words", "signs and capitals", "words alone"],
)
def test_of_errors_of_one_state_the_same_stays_in_any_order(
    provider: Provider, sayings: list[tuple[str, str]]
) -> None:
    ends = set()
    for turn in range(len(sayings)):
        for at_once in (True, False):
            (message,) = queued(provider)
            moves = [
                Move(message.pk, State.FAILED, {"failed_at": NOW}, error=error, detail=detail)
                for error, detail in sayings[turn:] + sayings[:turn]
            ]
            for part in [moves] if at_once else [[move] for move in moves]:
                ledger.move(part)
            fresh = reloaded(message)
            ends.add((fresh.error, fresh.error_detail))
    assert len(ends) == 1


def test_an_id_longer_than_the_column_is_cut_and_found_again(provider: Provider) -> None:
    (message,) = queued(provider)
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, provider_message_id="w" * 255)])
    receipt = Receipt("", "w" * 255, "delivered", {})
    callback = stored(provider, CallbackKind.STATUS, {})
    assert apply([Found(provider.pk, callback.pk, NOW, 0, receipt)]) == 1
    assert states([message]) == ["delivered"]


# Leases


def test_submitting_past_its_lease_becomes_uncertain_and_within_it_stays(provider: Provider) -> None:
    late, waiting = queued(provider, 2)
    ledger.submit([late.pk], later(seconds=90), NOW)
    ledger.submit([waiting.pk], later(seconds=200), NOW)
    assert ledger.expire_leases(later(seconds=91)) == 1
    assert states([late, waiting]) == ["uncertain", "submitting"]
    assert reloaded(late).error == "no_answer"
    assert_tally_is_exact()


def test_a_later_callback_resolves_what_was_uncertain(provider: Provider) -> None:
    (message,) = queued(provider)
    ledger.submit([message.pk], NOW, NOW)
    ledger.expire_leases(later(seconds=1))
    callback = stored(provider, CallbackKind.STATUS, {})
    tell(message, [event for event in EVENTS if event.name == "delivered"], callback)
    fresh = reloaded(message)
    assert (fresh.state, fresh.error) == (State.DELIVERED, "")
    assert_tally_is_exact()


def test_what_is_known_not_to_have_left_is_never_moved_back_once_a_callback_told_of_it(
    provider: Provider,
) -> None:
    (message,) = queued(provider)
    ledger.submit([message.pk], later(seconds=90), NOW)
    ledger.move([Move(message.pk, State.SENT, {"sent_at": NOW})])
    assert ledger.requeue([message.pk], NOW, error="unreachable") == []
    assert states([message]) == ["sent"]


@pytest.mark.django_db(transaction=True)
def test_a_lease_never_unsettles_what_is_just_put_back() -> None:
    (message,) = queued(make_provider())
    ledger.submit([message.pk], NOW, NOW)
    put_back, looked = threading.Event(), threading.Event()

    def settle() -> None:
        with transaction.atomic():
            ledger.requeue([message.pk], NOW, error="unreachable")
            put_back.set()
            looked.wait(5)
        connection.close()

    thread = threading.Thread(target=settle)
    thread.start()
    assert put_back.wait(5)
    ledger.expire_leases(later(seconds=1))
    looked.set()
    thread.join()
    assert ledger.expire_leases(later(seconds=1)) == 0
    assert states([message]) == ["queued"]


def test_what_left_meanwhile_cannot_be_refused_any_more(provider: Provider) -> None:
    gone, waiting = queued(provider, 2)
    ledger.move([Move(gone.pk, State.ACCEPTED, {"accepted_at": NOW})])
    reasons = {key: Refusal("do_not_call") for key in (gone.pk, waiting.pk)}
    assert ledger.refuse(reasons, NOW) == 1
    assert states([gone, waiting]) == ["accepted", "refused"]


def test_an_answer_is_counted_once_however_often_it_comes(provider: Provider) -> None:
    messages = queued(provider, 2)
    ledger.mark_replied({messages[0].pk: later(hours=2)})
    ledger.mark_replied({messages[0].pk: later(hours=1), messages[1].pk: NOW})
    assert tally.read([BATCH])[BATCH]["replied"] == 2
    assert reloaded(messages[0]).replied_at == later(hours=1)
    assert_tally_is_exact()


@pytest.mark.parametrize("n", [1, 100])
def test_moves_cost_the_same_queries_whatever_their_number(
    provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries, n: int
) -> None:
    messages = queued(provider, n)
    with django_assert_max_num_queries(6):
        ledger.submit([message.pk for message in messages], later(seconds=90), NOW)
    with django_assert_max_num_queries(6):
        ledger.move(Move(message.pk, State.SENT, {"sent_at": NOW}) for message in messages)
    with django_assert_max_num_queries(5):
        ledger.mark_replied({message.pk: NOW for message in messages})


def test_deltas_are_one_row_a_batch_and_state_not_one_a_message(provider: Provider) -> None:
    messages = queued(provider, 50)
    before = TallyDelta.objects.count()
    ledger.move(Move(message.pk, State.SENT, {"sent_at": NOW}) for message in messages)
    assert TallyDelta.objects.count() - before == 2
