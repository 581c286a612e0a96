"""Recycling: rows by outcome go again in a base of their own, without anybody who answered or opted out."""

import threading

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from dialers import bases
from dialers.models import Base, BaseState, Dialer, Row
from dialers.recycling import choices, recycle
from providers import do_not_call, tally, unconfirmed
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Message
from providers.models.do_not_call import Source
from providers.states import State
from tests.dialers.files import check_tally, hsm_lines, loaded, settle, started
from tests.dialers.outcomes import LATER, become, messages_of, number, numbers, reply, sent_base
from tests.factories import NOW, incoming, make_contact, make_operator

pytestmark = pytest.mark.usefixtures("wavy")
FAILED, EXPIRED, DELIVERED, SENT, READ = (
    State.FAILED,
    State.EXPIRED,
    State.DELIVERED,
    State.SENT,
    State.READ,
)


@pytest.fixture
def base(dialer: Dialer) -> Base:
    """Lines 1 and 2 not delivered, 3 expired, 4 delivered, 5 sent, 6 read, 7 only taken, 8 unconfirmed."""
    base = sent_base(dialer, 8)
    one, two, three, four, five, six, _seven, eight = messages_of(base)
    become(one, FAILED, "invalid_number")
    become(two, FAILED, "no_credit")
    become(three, EXPIRED, "expired")
    become(four, DELIVERED)
    become(five, SENT)
    become(six, READ)
    Message.objects.filter(pk=eight.pk).update(state=State.UNCERTAIN)
    return base


@pytest.mark.parametrize(
    ("outcomes", "lines"),
    [
        pytest.param(["failed"], [1, 2], id="not delivered, whatever the reason"),
        pytest.param(["failed:no_credit"], [2], id="not delivered for one reason"),
        pytest.param(["expired", "failed:invalid_number"], [1, 3], id="several outcomes"),
        pytest.param(["delivered"], [4], id="delivered, no answer"),
        pytest.param(["read"], [6], id="read, no answer"),
        pytest.param(["sent"], [5], id="sent, not delivered"),
    ],
)
def test_rows_go_again_by_their_outcome(base: Base, outcomes: list[str], lines: list[int]) -> None:
    new = recycle(base, outcomes, None, LATER)
    assert list(Row.objects.filter(base=new).order_by("line").values_list("line", flat=True)) == lines
    assert tally.read([new.pk])[new.pk]["pending"] == new.valid == new.lines == len(lines)


def test_the_new_base_is_an_ordinary_ready_one(base: Base) -> None:
    operator = make_operator()
    new = recycle(base, ["failed"], operator, LATER)
    new.refresh_from_db()
    assert (new.name, new.state, new.recycled_from, new.created_by) == (
        "base.csv (again)",
        "ready",
        base,
        operator,
    )
    bases.start(new, operator, LATER)
    settle(new, LATER)
    assert check_tally(new)["accepted"] == 2


def test_a_row_keeps_what_it_says_and_its_other_columns(base: Base) -> None:
    Row.objects.filter(base=base, line=1).update(priority=3, extra={"city": "Salto"})
    row = Row.objects.get(base=recycle(base, ["failed:invalid_number"], None, LATER))
    assert (row.priority, row.extra, row.content["parameters"], row.message) == (
        3,
        {"city": "Salto"},
        ["row 1"],
        None,
    )


def test_its_names_tell_the_second_from_the_first(base: Base) -> None:
    Base.objects.filter(pk=base.pk).update(name="x" * 255)
    names = [recycle(base, ["sent"], None, LATER).name for _ in range(2)]
    assert [name[-10:] for name in names] == ["xx (again)", " (again 2)"]
    assert max(len(name) for name in names) <= 255


def test_what_was_cancelled_may_go_again(dialer: Dialer) -> None:
    base = bases.cancel(started(dialer, hsm_lines(3)), NOW)
    assert [(one.key, one.n) for one in choices(base)] == [("skipped", 3)]
    assert recycle(base, ["skipped"], None, LATER).valid == 3


def test_what_was_cancelled_before_its_start_may_go_again(dialer: Dialer) -> None:
    base = bases.cancel(loaded(dialer, hsm_lines(2)), NOW)
    assert recycle(base, ["skipped"], None, LATER).valid == 2


def test_what_was_held_back_goes_again_by_its_reason(provider: None, dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(2))
    entry = do_not_call.add(number(1), dialer.provider)
    settle(bases.start(base, None, NOW))
    DoNotCall.objects.filter(pk=entry.pk).delete()
    settle(base)
    base.refresh_from_db()
    assert numbers(recycle(base, ["refused:do_not_call"], None, LATER)) == [number(1)]


def test_who_answered_any_message_of_the_base_is_left_out(dialer: Dialer) -> None:
    base = started(dialer, [*hsm_lines(2, "hsm:notice:one"), *hsm_lines(2, "hsm:notice:two")])
    settle(base)
    settle(base)
    first, second, third, fourth = messages_of(base)
    reply(first)
    for message in (second, third, fourth):
        become(message, DELIVERED)
    base.refresh_from_db()
    assert numbers(recycle(base, ["delivered"], None, LATER)) == [number(2), number(2)]


def test_who_wrote_since_its_start_is_left_out_whatever_they_answered(base: Base) -> None:
    incoming(messages_of(base)[0].contact, at=LATER)
    assert numbers(recycle(base, ["failed"], None, LATER)) == [number(2)]


def test_who_wrote_before_its_start_goes_again(dialer: Dialer) -> None:
    contact = make_contact(dialer.provider, number(1))
    incoming(contact, at=NOW.replace(day=1))
    base = sent_base(dialer, 1)
    become(messages_of(base)[0], FAILED)
    assert recycle(base, ["failed"], None, LATER).valid == 1


@pytest.mark.parametrize(
    ("source", "dncr", "goes"),
    [
        pytest.param(Source.CUSTOMER, False, False, id="asked by the customer"),
        pytest.param(Source.PROVIDER, False, False, id="told by the provider"),
        pytest.param(Source.EXTERNAL, True, False, id="external, where the dialer checks them"),
        pytest.param(Source.EXTERNAL, False, True, id="external, where it does not"),
    ],
)
def test_who_opted_out_is_left_out(base: Base, source: Source, dncr: bool, goes: bool) -> None:
    Dialer.objects.update(dncr=dncr)
    do_not_call.add(number(1), None, source)
    again = recycle(Base.objects.get(pk=base.pk), ["failed"], None, LATER)
    assert (number(1) in numbers(again)) is goes


def test_the_choices_say_exactly_what_would_go(base: Base) -> None:
    do_not_call.add(number(2), base.dialer.provider)
    told = {one.key: one.n for one in choices(base)}
    assert told == {"failed:invalid_number": 1, "expired:expired": 1, "sent": 1, "delivered": 1, "read": 1}
    assert recycle(base, list(told), None, LATER).valid == sum(told.values())


@pytest.mark.parametrize("state", [BaseState.READY, BaseState.RUNNING, BaseState.PAUSED, BaseState.LOADING])
def test_only_a_base_at_its_end_is_recycled(base: Base, state: str) -> None:
    Base.objects.filter(pk=base.pk).update(state=state)
    with pytest.raises(Refusal) as refused:
        recycle(base, ["failed"], None, LATER)
    assert (refused.value.code, Base.objects.count()) == ("not_ready", 1)


@pytest.mark.parametrize("outcome", ["uncertain", "accepted", "queued", "sent:x", "nonsense", ""])
def test_what_cannot_go_again_is_said(base: Base, outcome: str) -> None:
    with pytest.raises(Refusal) as refused:
        recycle(base, [outcome], None, LATER)
    assert (refused.value.code, refused.value.status) == ("outcome_unknown", 400)


def test_where_nobody_is_left_no_base_is_made(base: Base) -> None:
    with pytest.raises(Refusal) as refused:
        recycle(base, ["failed:window_closed"], None, LATER)
    assert (refused.value.code, Base.objects.count()) == ("nothing_left", 1)


def test_who_answers_between_the_making_and_the_start_is_left_out_then(base: Base) -> None:
    new = recycle(base, ["failed"], None, LATER)
    incoming(messages_of(base)[0].contact, at=LATER)
    bases.start(new, None, LATER)
    counts = check_tally(new)
    assert (counts["skipped"], counts["pending"]) == (1, 1)


def test_a_base_whose_start_left_somebody_out_ends_finished_all_the_same(base: Base) -> None:
    new = recycle(base, ["failed"], None, LATER)
    reply(messages_of(base)[0])
    bases.start(new, None, LATER)
    settle(new)
    new.refresh_from_db()
    assert (new.state, check_tally(new)["skipped"]) == (BaseState.FINISHED, 1)


def test_it_is_a_fixed_number_of_statements(
    base: Base, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(9):
        recycle(base, ["failed", "sent"], None, LATER)


def test_the_new_base_can_be_discarded_and_leaves_the_old_file_alone(base: Base) -> None:
    bases.discard(recycle(base, ["failed"], None, LATER))
    base.refresh_from_db()
    assert (Base.objects.count(), base.file.storage.exists(str(base.file.name))) == (1, True)


@pytest.mark.django_db(transaction=True)
def test_statuses_that_arrive_meanwhile_move_no_row_twice(dialer: Dialer) -> None:
    base = sent_base(dialer, 40)
    messages = messages_of(base)
    begun = threading.Barrier(2)

    def told() -> None:
        begun.wait(10)
        for message in messages:
            become(message, FAILED, "no_credit")
        connection.close()

    thread = threading.Thread(target=told)
    become(messages[0], FAILED, "no_credit")
    thread.start()
    begun.wait(10)
    new = recycle(base, ["failed"], None, LATER)
    thread.join()
    people = numbers(new)
    assert len(people) == len(set(people)) == new.valid == check_tally(new)["pending"]
    assert check_tally(base)["failed"] == 40


def test_an_unconfirmed_one_that_was_sent_again_goes_by_what_became_of_the_new_one(base: Base) -> None:
    eight = messages_of(base)[7]
    new = bases.send_again(eight, None, LATER)
    assert unconfirmed.take_all_as_sent([eight.pk], None, LATER) == 0
    become(new, FAILED, "expired")
    Base.objects.filter(pk=base.pk).update(state=BaseState.FINISHED)
    assert numbers(recycle(base, ["failed:expired"], None, LATER)) == [number(8)]


def test_who_answers_while_it_is_being_sent_is_left_out_and_it_ends_finished(dialer: Dialer) -> None:
    origin = sent_base(dialer, 3)
    for message in messages_of(origin):
        become(message, State.SENT)
    new = bases.start(recycle(origin, ["sent"], None, LATER), None, LATER)
    Contact.objects.filter(contact=number(1)).update(last_incoming_at=LATER)
    counts = settle(new, LATER)
    assert (counts["accepted"], counts["skipped"]) == (2, 1)
    new.refresh_from_db()
    assert new.state == BaseState.FINISHED
