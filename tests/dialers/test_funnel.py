"""The funnel: what reached at least each stage, and why the rest did not, from the tallies alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dialers.funnel import dialer_counts, failures, funnel
from dialers.models import Base, Dialer
from providers import tally
from providers.states import TALLY_KEYS, State
from tests.dialers.files import hsm_lines, loaded
from tests.dialers.outcomes import become, messages_of, reply, sent_base
from tests.factories import make_dialer

ENDS = [State.FAILED, State.FAILED, State.EXPIRED, State.SENT, State.DELIVERED, State.READ, State.READ]


@pytest.fixture
def base(wavy: None, dialer: Dialer) -> Base:
    """Ten rows: two not delivered, one expired, one sent, one delivered, two read (one answered), three taken."""
    base = sent_base(dialer, 10)
    for message, state in zip(messages_of(base), ENDS, strict=False):
        become(message, state, {State.FAILED: "no_credit", State.EXPIRED: "expired"}.get(state, ""))
    reply(messages_of(base)[6])
    return base


def test_each_stage_counts_what_came_at_least_so_far(base: Base) -> None:
    stages = funnel(tally.read([base.pk])[base.pk], base.valid)
    assert [(stage.key, stage.n, stage.percent) for stage in stages] == [
        ("rows", 10, 100.0),
        ("taken", 10, 100.0),
        ("sent", 4, 40.0),
        ("delivered", 3, 30.0),
        ("read", 2, 20.0),
        ("replied", 1, 10.0),
    ]
    assert [stage.of_previous for stage in stages][2:4] == [40.0, 75.0]


def test_a_base_without_rows_has_no_shares() -> None:
    stages = funnel(dict.fromkeys(TALLY_KEYS.values(), 0), 0)
    assert {(stage.n, stage.percent, stage.of_previous) for stage in stages} == {(0, None, None)}


def test_failures_come_by_reason_the_most_frequent_first(base: Base) -> None:
    assert [(one.state, one.error, one.n) for one in failures(base)] == [
        (State.FAILED, "no_credit", 2),
        (State.EXPIRED, "expired", 1),
    ]


def test_a_dialer_has_the_sum_of_its_bases(base: Base) -> None:
    loaded(base.dialer, hsm_lines(3))
    loaded(make_dialer(base.dialer.provider, name="Other"), hsm_lines(5, dialer="Other"))
    counts = dialer_counts(base.dialer)
    assert (counts["pending"], counts["accepted"], counts["read"], counts["replied"]) == (3, 3, 2, 1)


def test_it_reads_tallies_and_never_a_row(base: Base) -> None:
    with CaptureQueriesContext(connection) as asked:
        funnel(tally.read([base.pk])[base.pk], base.valid)
        failures(base)
        dialer_counts(base.dialer)
    asked_of = " ".join(query["sql"] for query in asked.captured_queries)
    assert len(asked) == 3 + 1  # the base's dialer among them
    assert "dialers_row" not in asked_of
    assert "providers_message" not in asked_of
