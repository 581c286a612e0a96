"""The merge over the whole way: callbacks in any order, repeated, with gaps, before the answer: one end."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers import ledger
from providers.callbacks.drain import drain_statuses
from providers.models import Message, Provider, UnmatchedStatus
from providers.models.callback import CallbackKind
from providers.states import STAGES
from providers.statuses import apply_waiting
from tests.factories import NOW
from tests.providers.scenes import (
    assert_tally_is_exact,
    clock,
    envelope,
    later,
    millis,
    queued,
    reloaded,
    states,
    stored,
)

SENT, DELIVERED, READ, FAILED = (millis(later(seconds=n)) for n in (1, 4, 9, 6))
SNAPSHOTS: dict[str, dict[str, Any]] = {
    "sent": {"sent": True, "sentStatusCode": 2, "sentAt": SENT},
    "sent, a second earlier": {"sentStatusCode": "2", "sentAt": SENT - 1000},
    "delivered": {"sentStatusCode": 2, "sentAt": SENT, "deliveredStatusCode": 4, "deliveredAt": DELIVERED},
    "delivered, a second later": {"deliveredStatusCode": "4", "deliveredAt": DELIVERED + 1000},
    "read": {"sentStatusCode": 2, "deliveredStatusCode": 5, "read": True, "readAt": READ},
    "read without the rest": {"read": "true", "readAt": READ - 1000},
    "not delivered": {"sentStatusCode": 2, "sentAt": SENT, "deliveredStatusCode": 104, "deliveredAt": FAILED},
    "no such number": {"sentStatusCode": 202, "sentAt": FAILED},
    "expired": {"sentStatusCode": 2, "deliveredStatusCode": 101, "deliveredAt": FAILED},
    "a code that nobody knows": {"sentStatusCode": 999, "sentStatus": "NEW"},
    "another one": {"sentStatusCode": 2, "sentAt": SENT, "deliveredStatusCode": 7777},
    "nothing yet": {"sent": False},
}
NAMED_BY = ("both", "id", "correlationId")
ANSWER = "the answer to the send"


def their_id(message: Message) -> str:
    return f"w-{message.correlation_id}"


def item(message: Message, snapshot: str, named_by: str) -> dict[str, Any]:
    ids = {"id": their_id(message), "correlationId": str(message.correlation_id)}
    return SNAPSHOTS[snapshot] | (ids if named_by == "both" else {named_by: ids[named_by]})


def answered(message: Message) -> None:
    """What the sender does with Wavy's answer."""
    ledger.accept([(message.pk, their_id(message))], NOW)
    apply_waiting(message.provider, [their_id(message)])


def told(message: Message, callbacks: Sequence[Sequence[dict[str, Any]]]) -> None:
    """Callbacks of these items, in this order; the drain finds them together."""
    for items in callbacks:
        stored(message.provider, CallbackKind.STATUS, envelope(*items), later(minutes=1))
    drain_statuses(clock(later(minutes=1)))


def end(message: Message) -> dict[str, Any]:
    fresh = reloaded(message)
    return {
        name: getattr(fresh, name)
        for name in ("state", "error", "error_detail", "raw_code", *STAGES.values())
    }


events = st.lists(st.tuples(st.sampled_from(sorted(SNAPSHOTS)), st.sampled_from(NAMED_BY)), max_size=8)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(subset=events, data=st.data())
def test_any_order_repetition_and_subset_of_callbacks_ends_as_the_plain_one(
    provider: Provider, subset: list[tuple[str, str]], data: st.DataObject
) -> None:
    plain, drawn = queued(provider, 2)
    answered(plain)
    for snapshot, _ in sorted(set(subset)):
        told(plain, [[item(plain, snapshot, "both")]])

    repeated = data.draw(st.lists(st.sampled_from(subset), max_size=4)) if subset else []
    order: list[Any] = data.draw(st.permutations([*subset, *repeated, ANSWER]))
    waiting: list[list[dict[str, Any]]] = []
    for one in order:
        if one == ANSWER:
            told(drawn, waiting)
            answered(drawn)
            waiting = []
        else:
            waiting.append([item(drawn, *one)])
            if data.draw(st.booleans(), label="drained at once"):
                told(drawn, waiting)
                waiting = []
            elif len(waiting) > 1 and data.draw(st.booleans(), label="in the same callback"):
                waiting[-2:] = [waiting[-2] + waiting[-1]]
    told(drawn, waiting)

    assert end(drawn) == end(plain)
    assert not UnmatchedStatus.objects.exists()
    assert_tally_is_exact()


@pytest.mark.parametrize("named_by", NAMED_BY)
@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_a_status_before_the_answer_ends_as_after_it(
    provider: Provider, snapshot: str, named_by: str
) -> None:
    before, after = queued(provider, 2)
    told(before, [[item(before, snapshot, named_by)]])
    answered(before)
    answered(after)
    told(after, [[item(after, snapshot, named_by)]])
    assert end(before) == end(after)


def test_of_each_stage_the_earliest_time_is_kept(provider: Provider) -> None:
    (message,) = queued(provider)
    told(message, [[item(message, snapshot, "both")] for snapshot in reversed(SNAPSHOTS)])
    fresh = reloaded(message)
    assert fresh.state_key == "read"
    assert (fresh.sent_at, fresh.delivered_at, fresh.read_at) == (
        NOW,
        later(seconds=4),
        later(seconds=8),
    )
    assert (fresh.failed_at, fresh.expired_at) == (later(seconds=6), later(seconds=6))


@pytest.mark.parametrize("first", ["sent", "delivered", "read", "not delivered", "expired"])
def test_an_unknown_code_moves_no_state_and_is_kept(provider: Provider, first: str) -> None:
    (message,) = queued(provider)
    told(message, [[item(message, first, "both")]])
    before = end(message)
    told(message, [[item(message, "a code that nobody knows", "both")]])
    told(message, [[item(message, "another one", "both")]])
    assert end(message) | {"raw_code": before["raw_code"], "sent_at": before["sent_at"]} == before
    assert reloaded(message).raw_code == "7777"


def test_read_is_never_taken_back_by_what_comes_late(provider: Provider) -> None:
    messages = queued(provider, len(SNAPSHOTS))
    for message, snapshot in zip(messages, SNAPSHOTS, strict=True):
        told(message, [[item(message, "read", "both")], [item(message, snapshot, "both")]])
    assert set(states(messages)) == {"read"}
