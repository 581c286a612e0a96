"""The drain: stored callbacks become states; a bad item never sinks the others, nothing is lost or told twice."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from providers import ledger
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.ledger import Move
from providers.models import (
    Callback,
    DoNotCall,
    Message,
    Provider,
    QuarantinedItem,
    UnmatchedStatus,
)
from providers.models.callback import CallbackKind, CallbackState
from providers.states import State
from providers.statuses import sweep_waiting
from providers.tasks import sweep, sweep_statuses
from tests.factories import CUSTOMER, NOW
from tests.providers.scenes import (
    assert_tally_is_exact,
    clock,
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


@pytest.mark.parametrize(("task", "kept_for"), [(sweep, {"minutes": 5}), (sweep_statuses, {"days": 3})])
def test_the_sweeps_try_the_kept_again_soon_and_for_days(
    provider: Provider, task: Callable[[], None], kept_for: dict[str, int]
) -> None:
    (message,) = queued(provider)
    at = timezone.now() - timedelta(**kept_for)
    statuses(provider, status_item(message, 2, 4, correlationId=""), at=at)
    ledger.move([Move(message.pk, State.ACCEPTED, {"accepted_at": NOW}, f"w-{message.correlation_id}")])
    task()
    assert states([message]) == ["delivered"]


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
