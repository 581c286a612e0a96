"""The rows behind a number: as many as the tally says, page by page, whatever they are."""

import pytest
from pytest_django import DjangoAssertNumQueries

from dialers import bases, rows
from dialers.funnel import STAGES
from dialers.models import Base, Dialer, Row
from dialers.rows import RowLine, Wanted, page
from providers import ledger, tally
from providers.models import Message
from providers.states import State
from tests.dialers.files import hsm_lines, loaded, settle
from tests.dialers.outcomes import LATER, become, messages_of, number, reply, sent_base
from tests.factories import NOW, make_operator

pytestmark = pytest.mark.usefixtures("wavy")


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """Of twelve rows two in each of these ends; the first of each was answered."""
    base = sent_base(dialer, 12)
    ends = [State.FAILED, State.EXPIRED, State.SENT, State.DELIVERED, State.READ, State.ACCEPTED]
    for key, message in enumerate(messages_of(base)):
        become(message, ends[key % 6], "no_credit" if ends[key % 6] == State.FAILED else "")
        if key < 6:
            reply(message)
    return base


def every(base: Base, wanted: Wanted, size: int) -> list[RowLine]:
    found: list[RowLine] = []
    after: str | None = ""
    while after is not None:
        seen = page(base, wanted, after, size)
        found += seen.rows
        after = seen.following or None
    return found


@pytest.mark.parametrize("size", [1, 2, 50])
def test_every_number_of_the_tally_has_its_rows(base: Base, size: int) -> None:
    counts = tally.read([base.pk])[base.pk]
    for state, n in counts.items():
        found = every(base, Wanted(state), size)
        assert (state, len(found), len({row.line for row in found})) == (state, n, n)


@pytest.mark.parametrize("size", [1, 3, 50])
def test_every_stage_has_its_rows(base: Base, size: int) -> None:
    counts = tally.read([base.pk])[base.pk]
    for stage, states in STAGES.items():
        assert len(every(base, Wanted(reached=stage), size)) == sum(counts[state] for state in states)


def test_without_a_filter_they_come_in_the_order_of_the_file(base: Base) -> None:
    assert [row.line for row in every(base, Wanted(), 5)] == list(range(1, 13))


def test_a_row_tells_what_became_of_it(base: Base) -> None:
    Row.objects.filter(base=base, line=1).update(extra={"city": "Salto"})
    row = page(base, Wanted("failed", "no_credit"), size=1).rows[0]
    assert (row.contact, row.text, row.state, row.error) == (
        number(1),
        "Dear customer: row 1",
        "failed",
        "no_credit",
    )
    assert "has no credit" in row.why
    assert (row.times["failed_at"], row.times["replied_at"], row.extra) == (LATER, LATER, {"city": "Salto"})


def test_pending_rows_read_as_they_will_leave_and_come_by_priority(dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(4, "hsm:notice:{n}"))
    Row.objects.filter(base=base, line=3).update(priority=1)
    assert [(row.line, row.text) for row in every(base, Wanted("pending"), 1)][:2] == [
        (3, "Dear customer: 3"),
        (1, "Dear customer: 1"),
    ]


def test_what_was_cancelled_is_found_also_behind_a_long_stretch_of_others(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "SPAN", 3)
    base = bases.cancel(loaded(dialer, hsm_lines(10)), NOW)
    Row.objects.filter(base=base, line__lt=9).update(state=1)
    assert [row.line for row in every(base, Wanted("skipped"), 50)] == [9, 10]


def test_a_rare_state_is_found_a_stretch_at_a_time(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "SPAN", 4)
    assert page(base, Wanted("accepted")).rows == []
    assert [row.line for row in every(base, Wanted("accepted"), 50)] == [6, 12]


def test_who_decided_about_an_unconfirmed_one_stands_with_it(base: Base) -> None:
    message = messages_of(base)[5]
    Message.objects.filter(pk=message.pk).update(state=State.UNCERTAIN)
    bases.take_as_sent(message, make_operator("Olga"), LATER)
    row = page(base, Wanted("accepted")).rows[0]
    assert (row.decided_by, row.decided_at) == ("Olga", LATER)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted("failed"), Wanted("delivered"), Wanted("replied")])
def test_a_page_asks_few_questions_whatever_its_size(
    base: Base, wanted: Wanted, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    known = Base.objects.select_related("dialer__provider").get(pk=base.pk)
    with django_assert_max_num_queries(5):
        page(known, wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("nonsense"),
        Wanted("", "no_credit"),
        Wanted("read", "x"),
        Wanted(reached="failed"),
        Wanted("read", "", "sent"),
    ],
)
def test_no_row_can_be_what_is_no_outcome(wanted: Wanted) -> None:
    assert not wanted.valid


def test_what_is_leaving_is_found(dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(1))
    settle(bases.start(base, None, NOW))
    (message,) = messages_of(base)
    Message.objects.filter(pk=message.pk).update(state=State.QUEUED)
    ledger.submit([message.pk], LATER, NOW)
    assert [row.state for row in page(base, Wanted("submitting")).rows] == ["submitting"]
