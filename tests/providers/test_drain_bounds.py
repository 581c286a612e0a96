"""The drain under load and in trouble: poison, replays, batches of bounded size and cost, drainers side by side."""

import threading
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from providers import ledger, unconfirmed
from providers.callbacks import drain as draining
from providers.callbacks.drain import drain, drain_statuses
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
from providers.statuses import apply
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


def test_a_body_that_is_no_json_is_set_aside_at_once_and_holds_nothing_up(provider: Provider) -> None:
    (message,) = queued(provider)
    broken = stored(provider, STATUS, b'{"data":[')
    stored(provider, STATUS, envelope(status_item(message)))
    assert drain_statuses(clock()) == 2
    broken.refresh_from_db()
    assert (broken.state, broken.attempts) == (CallbackState.FAILED, 1)
    item = QuarantinedItem.objects.get()
    assert (item.callback, item.index, item.raw) == (broken, -1, '{"data":[')
    assert states([message]) == ["sent"]


def test_a_callback_of_nonsense_alone_fills_neither_quarantine_nor_memory(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST_SET_ASIDE", 3)
    (message,) = queued(provider)
    statuses(provider, *["bad"] * 10, status_item(message))
    reasons = list(QuarantinedItem.objects.order_by("index").values_list("reason", flat=True))
    assert len(reasons) == 4
    assert reasons[-1] == "7 more items of this callback could not be applied; its body holds them."
    assert states([message]) == ["sent"]


def test_a_callback_of_more_items_than_mean_anything_is_set_aside_unread(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "MOST_ITEMS", 3)
    callback = statuses(provider, *[1] * 4)
    assert (callback.state, callback.error) == (
        CallbackState.FAILED,
        "Too many items: 4, of which a body can hold 3 at most",
    )
    assert QuarantinedItem.objects.get().index == -1


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


def test_a_replay_of_what_failed_takes_what_was_set_aside_in_part_too(provider: Provider) -> None:
    statuses(provider, status_item(queued(provider)[0]))
    statuses(provider, status_item(queued(provider)[0]), "bad")
    stored(provider, STATUS, b"{")
    drain_statuses(clock())
    out = StringIO()
    call_command("replay_callbacks", "--failed", stdout=out)
    assert out.getvalue() == "1 callbacks applied again, 1 could not be.\n"


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
