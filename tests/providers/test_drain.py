"""The drain: stored callbacks become states; a bad item never sinks the others, nothing is lost or told twice."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from providers import ledger, unconfirmed
from providers.callbacks import drain as draining
from providers.callbacks.drain import drain, drain_messages, drain_statuses
from providers.ledger import Move
from providers.locks import Lock, advisory_lock
from providers.models import (
    Callback,
    Contact,
    DoNotCall,
    Message,
    Provider,
    QuarantinedItem,
    Tally,
    TallyDelta,
    UnmatchedStatus,
)
from providers.models.callback import CallbackKind, CallbackState
from providers.states import State
from providers.statuses import apply, sweep_waiting
from tests.factories import CUSTOMER, NOW, make_provider
from tests.providers.scenes import (
    assert_tally_is_exact,
    clock,
    envelope,
    later,
    message_item,
    messages,
    queued,
    reloaded,
    states,
    status_item,
    statuses,
    stored,
)

STATUS, MESSAGE = CallbackKind.STATUS, CallbackKind.MESSAGE


def bulk(items: list[Any]) -> Any:
    return {"total": "7", "data": items}


def bare(items: list[Any]) -> Any:
    return items[0]


def array(items: list[Any]) -> Any:
    return items


@pytest.mark.parametrize("shape", [bulk, bare, array], ids=["envelope", "bare item", "array"])
def test_each_shape_of_a_body_is_applied(provider: Provider, shape: Callable[[list[Any]], Any]) -> None:
    (message,) = queued(provider)
    stored(provider, STATUS, shape([status_item(message, 2, 4)]))
    stored(provider, MESSAGE, shape([message_item(CUSTOMER, "Olá")]))
    assert (drain_statuses(clock()), drain_messages(clock())) == (1, 1)
    assert states([message]) == ["delivered"]
    assert Message.objects.get(state=State.RECEIVED).text == "Olá"
    assert set(Callback.objects.values_list("state", flat=True)) == {CallbackState.DONE}


def test_one_bad_item_is_quarantined_with_its_reason_and_the_rest_is_applied(provider: Provider) -> None:
    good, better = queued(provider, 2)
    callback = statuses(provider, status_item(good), "nonsense", {"sent": True}, None, status_item(better))
    assert states([good, better]) == ["sent", "sent"]
    assert callback.state == CallbackState.DONE
    reasons = dict(QuarantinedItem.objects.filter(callback=callback).values_list("index", "reason"))
    assert set(reasons) == {1, 2, 3}
    assert "not an object" in reasons[1]
    assert "neither id nor correlationId" in reasons[2]
    assert QuarantinedItem.objects.get(index=2).raw == '{"sent": true}'


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"id": "x", "message": {}}, "no source"),
        ({"source": CUSTOMER}, "no id"),
        ({"id": "x", "source": "5" * 40, "message": {"messageText": "Hi"}}, "is no number"),
        (["list"], "not an object"),
    ],
    ids=["nobody", "no id", "a number too long", "a list"],
)
def test_one_bad_message_does_not_sink_the_others(provider: Provider, bad: Any, reason: str) -> None:
    messages(provider, message_item(CUSTOMER, "one"), bad, message_item(CUSTOMER, "two"))
    assert sorted(Message.objects.values_list("text", flat=True)) == ["one", "two"]
    item = QuarantinedItem.objects.get()
    assert item.index == 1
    assert reason in item.reason


NASTY: dict[str, Any] = {
    "NUL": "a\x00b",
    "a lone surrogate": "a\ud800b",
    "deep nesting": json.loads("[" * 300 + "]" * 300),
    "a huge number": 10**4000,
    "infinity": float("inf"),
    "a long text": "x" * 100_000,
    "an object": {"a": {"b": "\x00"}},
    "a list": [1, "\x00"],
    "true": True,
    "nothing": None,
    "a negative number": -1,
}
PLACES = [
    "id",
    "correlationId",
    "source",
    "origin",
    "receivedAt",
    "message",
    "userProfile",
    "session",
    "text",
]


@pytest.mark.parametrize("place", PLACES)
def test_nothing_in_a_message_stops_the_drain(provider: Provider, place: str) -> None:
    items = [message_item(CUSTOMER, "bad") for _ in NASTY]
    for item, nasty in zip(items, NASTY.values(), strict=True):
        if place == "text":
            item["message"]["messageText"] = nasty
        elif place == "userProfile":
            item["userProfile"] = {"name": nasty}
        else:
            item[place] = nasty
    for item in items:  # one by one, so that none hides behind another
        assert messages(provider, item).state == CallbackState.DONE
    callback = messages(provider, *items, message_item("5511987654321", "good"))
    assert callback.state == CallbackState.DONE
    assert Message.objects.filter(text="good").count() == 1
    assert not Callback.objects.filter(attempts__gt=0).exists()


@pytest.mark.parametrize(
    "place",
    [
        "id",
        "correlationId",
        "sentStatusCode",
        "sentStatus",
        "sentAt",
        "deliveredStatusCode",
        "read",
        "origin",
    ],
)
def test_nothing_in_a_status_stops_the_drain(provider: Provider, place: str) -> None:
    bad = queued(provider, len(NASTY))
    (good,) = queued(provider)
    items = [
        status_item(message, 2, 4) | {place: nasty}
        for message, nasty in zip(bad, NASTY.values(), strict=True)
    ]
    callback = statuses(provider, *items, status_item(good, 2, 4))
    assert (callback.state, callback.attempts) == (CallbackState.DONE, 0)
    assert states([good]) == ["delivered"]
    assert_tally_is_exact()


# What matches nothing


def test_a_status_of_another_system_is_kept_and_is_no_error(provider: Provider) -> None:
    callback = statuses(provider, {"id": "w-theirs", "correlationId": "theirs", "sentStatusCode": 2})
    assert callback.state == CallbackState.DONE
    assert not QuarantinedItem.objects.exists()
    kept = UnmatchedStatus.objects.get()
    assert (kept.provider_message_id, kept.correlation_id, kept.provider_id) == (
        "w-theirs",
        "theirs",
        provider.pk,
    )


def test_the_sweep_applies_what_was_kept_at_the_very_moment_the_answer_was_recorded(
    provider: Provider,
) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 2, 4, correlationId=""))
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, f"w-{message.correlation_id}")])
    assert states([message]) == ["accepted"]
    assert sweep_waiting(NOW - timedelta(days=1)) == 1
    assert states([message]) == ["delivered"]
    assert not UnmatchedStatus.objects.exists()
    assert_tally_is_exact()


def test_a_kept_status_is_applied_to_no_message_of_another_provider(
    provider: Provider, other_provider: Provider
) -> None:
    (message,) = queued(provider)
    statuses(other_provider, status_item(message, 2, 4))
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, f"w-{message.correlation_id}")])
    assert sweep_waiting(NOW - timedelta(days=1)) == 0
    assert states([message]) == ["accepted"]


@pytest.mark.parametrize("by", ["correlationId", "id"])
def test_the_token_of_one_provider_never_touches_anothers_message(
    provider: Provider, other_provider: Provider, by: str
) -> None:
    (message,) = queued(provider)
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, "w-1")])
    item = {"id": "w-1"} if by == "id" else {"correlationId": str(message.correlation_id)}
    statuses(other_provider, item | {"sentStatusCode": 204})
    assert states([message]) == ["accepted"]
    assert not DoNotCall.objects.exists()
    statuses(provider, item | {"sentStatusCode": 204})
    assert states([message]) == ["failed"]


def test_an_unknown_code_keeps_the_state_and_the_raw_code(provider: Provider) -> None:
    (message,) = queued(provider)
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, "w-1")])
    statuses(provider, status_item(message, "777", sentStatus="SOMETHING_NEW"))
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.raw_code) == ("accepted", "777")


def test_a_failures_raw_code_is_the_one_that_stays(provider: Provider) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 2))
    statuses(provider, status_item(message, 2, 104))
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error, fresh.raw_code) == ("failed", "not_delivered", "104")


# Opting out


def test_who_opted_out_at_the_provider_joins_the_registry_of_that_provider(provider: Provider) -> None:
    (message,) = queued(provider)
    for _ in range(2):
        statuses(provider, status_item(message, 204))
    entry = DoNotCall.objects.get()
    assert (entry.provider, entry.number, entry.source) == (provider, message.contact.contact, "provider")
    assert reloaded(message).error == "opted_out"


# Poison


def test_a_poison_callback_is_tried_a_bounded_number_of_times_and_set_aside(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine, poisoned, also_fine = queued(provider, 3)
    callbacks = [
        stored(provider, STATUS, envelope(status_item(message, 2, 4)))
        for message in (fine, poisoned, also_fine)
    ]
    tries = []

    def bites(found: Any) -> int:
        if any(one.callback_id == callbacks[1].pk for one in found):
            tries.append(len(found))
            raise DataError("value out of range")
        return apply(found)

    monkeypatch.setattr(draining, "apply", bites)
    drain_statuses(clock())
    assert states([fine, poisoned, also_fine]) == ["delivered", "queued", "delivered"]
    bad = Callback.objects.get(pk=callbacks[1].pk)
    assert (bad.state, bad.attempts) == (CallbackState.FAILED, draining.ATTEMPTS)
    assert "value out of range" in bad.error
    assert tries.count(1) <= 2 * draining.ATTEMPTS
    assert drain_statuses(clock()) == 0

    monkeypatch.setattr(draining, "apply", apply)
    out = StringIO()
    call_command("replay_callbacks", "--failed", stdout=out)
    assert states([poisoned]) == ["delivered"]
    assert "1 callbacks applied again, 0 could not be" in out.getvalue()


def test_trouble_of_the_database_sets_nothing_aside(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    callback = stored(provider, STATUS, envelope(status_item(queued(provider)[0])))

    def away(found: Any) -> int:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(draining, "apply", away)
        with pytest.raises(OperationalError):
            drain_statuses(clock())
    callback.refresh_from_db()
    assert (callback.state, callback.attempts) == (CallbackState.NEW, 0)
    assert drain_statuses(clock()) == 1


# Again and again


def everything() -> list[Any]:
    tables = (
        Message,
        Contact,
        Callback,
        QuarantinedItem,
        UnmatchedStatus,
        DoNotCall,
        Tally,
        TallyDelta,
        Provider,
    )
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_replaying_twice_changes_no_row(provider: Provider) -> None:
    first, second, third = queued(provider, 3)
    statuses(provider, status_item(first, 2, 4), "bad", {"id": "theirs", "sentStatusCode": 2})
    statuses(provider, status_item(second, 204), status_item(third, 999))
    messages(provider, message_item(CUSTOMER), message_item(first.contact.address, "Thanks"))
    before = everything()
    for _ in range(2):
        call_command("replay_callbacks", stdout=StringIO())
    assert everything() == before


def test_a_replay_since_a_time_leaves_the_earlier_ones_alone(provider: Provider) -> None:
    early, late = queued(provider, 2)
    stored(provider, STATUS, envelope(status_item(early)), NOW)
    stored(provider, STATUS, envelope(status_item(late)), later(hours=1))
    call_command("replay_callbacks", "--since", later(minutes=30).isoformat(), stdout=StringIO())
    assert states([early, late]) == ["queued", "sent"]


def test_an_item_that_can_be_applied_this_time_leaves_the_quarantine(provider: Provider) -> None:
    callback = statuses(provider, "bad")
    QuarantinedItem.objects.create(
        callback=callback, index=5, raw="", reason="an older version did not know it"
    )
    call_command("replay_callbacks", stdout=StringIO())
    assert list(QuarantinedItem.objects.values_list("index", flat=True)) == [0]


def test_statuses_in_any_order_across_callbacks_end_alike(provider: Provider) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 2, 5, read=True), at=later(seconds=1))
    statuses(provider, status_item(message, 2, 4), status_item(message, 2), at=later(seconds=2))
    statuses(provider, status_item(message, 2, 104), at=later(seconds=3))
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error) == ("read", "")
    assert_tally_is_exact()


def test_a_status_for_a_message_that_was_sent_again_moves_the_old_one_alone(provider: Provider) -> None:
    (old,) = queued(provider)
    ledger.move([Move(old.pk, State.UNCERTAIN, {"uncertain_at": NOW})])
    new = unconfirmed.send_again(old, None, NOW)
    statuses(provider, status_item(old, 2, 4))
    assert states([old, new]) == ["delivered", "queued"]
    assert_tally_is_exact()


# Open mode


def test_in_open_mode_each_item_goes_to_the_provider_that_it_names(
    provider: Provider, other_provider: Provider
) -> None:
    (ours,), (theirs,) = queued(provider), queued(other_provider)
    by_number = status_item(ours, 2, 4)
    by_correlation = status_item(theirs, 2, 4) | {"origin": None}
    callback = statuses(None, by_number, by_correlation, {"id": "x", "sentStatusCode": 2})
    assert states([ours, theirs]) == ["delivered", "delivered"]
    item = QuarantinedItem.objects.get()
    assert item.index == 2
    assert "Neither origin nor correlationId" in item.reason
    assert callback.state == CallbackState.DONE


def test_in_open_mode_a_message_belongs_to_the_provider_of_its_origin_even_when_replayed(
    provider: Provider, other_provider: Provider
) -> None:
    messages(
        None,
        message_item(CUSTOMER, "to us"),
        message_item(CUSTOMER, "to them", origin="+55 11 90000-0002"),
    )
    call_command("replay_callbacks", stdout=StringIO())
    found = dict(Message.objects.values_list("text", "provider__name"))
    assert (found, Message.objects.count()) == ({"to us": "Wavy", "to them": "Other"}, 2)


def test_when_the_last_callback_came_is_on_the_provider_and_never_goes_back(provider: Provider) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message), at=later(minutes=5))
    statuses(provider, status_item(message), at=NOW)
    provider.refresh_from_db()
    assert provider.last_callback_at == later(minutes=5)


# How much, and who


@pytest.mark.parametrize("n", [1, 100])
def test_a_batch_of_statuses_costs_the_same_queries_whatever_its_size(
    provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries, n: int
) -> None:
    sent = queued(provider, n)
    stored(provider, STATUS, envelope(*[status_item(message, 2, 204) for message in sent]))
    with django_assert_max_num_queries(30):
        drain_statuses(clock())
    assert set(states(sent)) == {"failed"}


def test_many_callbacks_are_applied_in_batches_bounded_in_bytes(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "BATCH_BYTES", 1000)
    for _ in range(4):
        stored(provider, STATUS, b'[{"id":"1"}' + b" " * 600 + b"]")
    sizes: list[int] = []
    batch = draining._apply

    def noted(kind: CallbackKind, callbacks: Any, now: Any) -> None:
        sizes.append(len(callbacks))
        batch(kind, callbacks, now)

    monkeypatch.setattr(draining, "_apply", noted)
    assert drain_statuses(clock()) == 4
    assert sizes == [1, 1, 1, 1]


def beside(act: Callable[[], Any]) -> Any:
    """Does something in another connection and waits for it."""
    found: list[Any] = []

    def run() -> None:
        found.append(act())
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(10)
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_a_second_drainer_of_a_kind_leaves_the_first_alone() -> None:
    provider = make_provider()
    (message,) = queued(provider)
    stored(provider, STATUS, envelope(status_item(message)))
    stored(provider, MESSAGE, envelope(message_item(CUSTOMER)))
    with advisory_lock(Lock.DRAIN_STATUSES) as held:
        assert held
        assert beside(lambda: drain(STATUS, clock())) == 0
        assert beside(lambda: drain(MESSAGE, clock())) == 1
    assert states([message]) == ["queued"]
    assert beside(lambda: drain(STATUS, clock())) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_while_the_drainer_lets_go_is_drained_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = make_provider()
    first, second = queued(provider, 2)
    stored(provider, STATUS, envelope(status_item(first)))
    drained = draining._drain_batch

    def and_then_one_more(kind: CallbackKind, now: Any) -> int:
        done = drained(kind, now)
        if not done and states([second]) == ["queued"]:
            beside(lambda: stored(provider, STATUS, envelope(status_item(second))))
            assert beside(lambda: drain(STATUS, clock())) == 0
        return done

    monkeypatch.setattr(draining, "_drain_batch", and_then_one_more)
    assert drain_statuses(clock()) == 2
    assert states([first, second]) == ["sent", "sent"]
