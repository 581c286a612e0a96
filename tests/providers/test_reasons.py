"""Failures by reason: exact through every move, folded or not, and free where nothing fails."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers import ledger, reasons, tally, unconfirmed
from providers.errors import Refusal
from providers.ledger import Move
from providers.models import ErrorDelta, ErrorTally, Message, Provider
from providers.states import State
from tests.factories import NOW
from tests.providers.scenes import BATCH, assert_tally_is_exact, later, queued


def told(batch: int = BATCH) -> dict[tuple[str, str], int]:
    return {(State(state).key, error): n for (state, error), n in reasons.read([batch])[batch].items()}


def failed(key: int, error: str, state: State = State.FAILED) -> Move:
    return Move(key, state, {f"{state.key}_at": NOW}, error=error)


def test_each_failure_counts_for_its_reason(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 5)]
    ledger.move([failed(keys[0], "invalid_number"), failed(keys[1], "invalid_number")])
    ledger.move([failed(keys[2], "expired", State.EXPIRED), Move(keys[3], State.READ, {"read_at": NOW})])
    ledger.refuse({keys[4]: Refusal("do_not_call")}, NOW)
    assert told() == {
        ("failed", "invalid_number"): 2,
        ("expired", "expired"): 1,
        ("refused", "do_not_call"): 1,
    }
    assert_tally_is_exact()


def test_a_later_state_takes_its_failure_out_again(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 2)]
    ledger.move(failed(key, "expired", State.EXPIRED) for key in keys)
    ledger.move([Move(keys[0], State.DELIVERED, {"delivered_at": NOW}), failed(keys[1], "not_delivered")])
    assert told() == {("failed", "not_delivered"): 1}


def test_what_is_settled_or_sent_again_is_unconfirmed_no_more(provider: Provider) -> None:
    messages = queued(provider, 3)
    ledger.submit([message.pk for message in messages], NOW, NOW)
    assert ledger.expire_leases(later(seconds=1)) == 3
    assert told() == {("uncertain", "no_answer"): 3}
    unconfirmed.take_as_sent(messages[0], None, NOW)
    unconfirmed.send_again(messages[1], None, NOW)
    assert told() == {("uncertain", "no_answer"): 1}
    assert_tally_is_exact()


def test_a_wait_for_another_attempt_is_no_failure(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 2)]
    ledger.submit(keys, later(seconds=90), NOW)
    ledger.requeue(keys, NOW, error="unreachable")
    assert told() == {}


def test_where_nothing_fails_nothing_is_written(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 3)]
    with CaptureQueriesContext(connection) as asked:
        ledger.move(Move(key, State.SENT, {"sent_at": NOW}) for key in keys)
        ledger.move(Move(key, State.READ, {"read_at": NOW}) for key in keys)
    assert not [query for query in asked.captured_queries if "providers_errordelta" in query["sql"]]


def test_many_failures_of_one_reason_write_one_row(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 50)]
    ledger.move(failed(key, "invalid_number") for key in keys)
    assert list(ErrorDelta.objects.values_list("batch", "state", "error", "n")) == [
        (BATCH, State.FAILED, "invalid_number", 50)
    ]


def test_a_single_message_is_in_no_reason(provider: Provider) -> None:
    (message,) = queued(provider, batch=None)
    ledger.move([failed(message.pk, "invalid_number")])
    assert not ErrorDelta.objects.exists()


def test_folding_changes_no_reason_and_the_rows_may_go(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 3)]
    ledger.move([failed(keys[0], "expired", State.EXPIRED), failed(keys[1], "invalid_number")])
    before = told()
    tally.fold()
    assert told() == before
    ledger.move([failed(keys[0], "invalid_number")])
    tally.fold()
    Message.objects.filter(batch=BATCH).delete()
    assert told() == {("failed", "invalid_number"): 2}
    assert not ErrorDelta.objects.exists()
    assert ErrorTally.objects.filter(n=0).count() == 1


EVENTS = st.tuples(
    st.integers(0, 2),
    st.sampled_from([State.ACCEPTED, State.UNCERTAIN, State.EXPIRED, State.FAILED, State.READ]),
    st.sampled_from(["", "expired", "invalid_number", "not_delivered"]),
)


@pytest.mark.django_db
@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(calls=st.lists(st.lists(EVENTS, max_size=4), max_size=5))
def test_whatever_comes_in_whatever_order_the_reasons_are_those_of_the_ledger(
    provider: Provider, calls: list[list[tuple[int, State, str]]]
) -> None:
    Message.objects.filter(batch=BATCH).delete()
    for table in (ErrorDelta, ErrorTally):
        table.objects.all().delete()
    connection.cursor().execute("DELETE FROM providers_tallydelta")
    keys = [message.pk for message in queued(provider, 3)]
    for events in calls:
        ledger.move(failed(keys[which], error, state) for which, state, error in events)
    assert_tally_is_exact()
