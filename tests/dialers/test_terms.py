"""Start date, valid until, a lifted cap: what they refuse, and what they do to a base that runs."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dialers import bases, terms
from dialers.admin.why import why_of
from dialers.dispatch import dispatch, look_round
from dialers.endings import end_if_over
from dialers.models import Base, BaseState, Dialer
from dialers.progress import waiting_for
from providers.errors import Refusal
from providers.models import Message, SendingRules
from tests.dialers.files import (
    check_tally,
    hsm_lines,
    in_flight,
    loaded,
    queued_again,
    settle,
    started,
    state_of,
)
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_base, make_operator, outgoing

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("start_at", "valid_until", "code"),
    [
        pytest.param(NOW + HOUR, NOW + HOUR, "until_before_start", id="nothing between them"),
        pytest.param(None, NOW, "until_past", id="valid until now"),
        pytest.param(NOW - HOUR, None, "start_past", id="a start an hour ago"),
        pytest.param(NOW.replace(year=9999), None, "date", id="at the end of the calendar"),
        pytest.param(None, NOW.replace(year=1), "date", id="at its beginning"),
    ],
)
def test_dates_that_make_no_sense_are_refused(
    dialer: Dialer, start_at: datetime | None, valid_until: datetime | None, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        terms.schedule_base(make_base(dialer, state="ready"), start_at, valid_until, NOW)
    assert (refused.value.code, refused.value.status) == (code, 400)


@pytest.mark.parametrize("state", ["finished", "cancelled", "failed"])
def test_the_dates_of_an_ended_base_stay(dialer: Dialer, state: str) -> None:
    with pytest.raises(Refusal, match="at its end"):
        terms.schedule_base(make_base(dialer, state=state), None, NOW + HOUR, NOW)


def test_an_earlier_start_date_stays_while_the_other_is_changed(dialer: Dialer) -> None:
    base = make_base(dialer, start_at=NOW - HOUR)

    assert terms.schedule_base(base, base.start_at, NOW + HOUR, NOW).valid_until == NOW + HOUR


def test_a_started_base_waits_for_its_start_date(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(3))
    terms.schedule_base(base, NOW + HOUR, None, NOW)

    assert look_round(NOW) == []
    assert settle(base)["pending"] == 3
    waits = Base.objects.get(pk=base.pk)
    assert waiting_for(waits, NOW) == "schedule"
    assert why_of(waits, NOW) == "Waits for its start date: 16:00."
    assert settle(base, NOW + HOUR)["accepted"] == 3


def test_what_is_left_at_valid_until_is_skipped_and_the_base_ends(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(5))
    queued_again(base, 2)
    terms.schedule_base(base, None, NOW + HOUR, NOW)

    assert look_round(NOW + HOUR) == [base.pk]
    dispatch(base.pk, lambda: NOW + HOUR)

    assert check_tally(base)["skipped"] == 5
    assert state_of(base) == ("finished", "valid_until")
    assert not wavy.numbers
    assert "It was valid until 16:00; what was left then was not sent." in why_of(
        Base.objects.get(pk=base.pk), NOW + HOUR
    )


def test_what_is_in_flight_at_valid_until_still_gets_its_answer(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(5))
    flying = in_flight(base, 2)
    Base.objects.update(valid_until=NOW)

    end_if_over(base.pk, NOW)
    assert (check_tally(base)["skipped"], state_of(base)[0]) == (3, BaseState.RUNNING)

    Message.objects.filter(pk__in=flying).update(state=40)
    end_if_over(base.pk, NOW)
    assert state_of(base) == ("finished", "valid_until")


def test_a_paused_base_ends_at_its_valid_until_too(dialer: Dialer) -> None:
    base = bases.pause(started(dialer, hsm_lines(2)), NOW)
    Base.objects.update(valid_until=NOW)

    assert look_round(NOW) == [base.pk]
    dispatch(base.pk, lambda: NOW)
    assert state_of(base) == ("finished", "valid_until")


def test_a_base_that_was_sent_whole_ends_without_a_reason(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(2))
    terms.schedule_base(base, None, NOW + HOUR, NOW)
    settle(base)

    assert state_of(base) == ("finished", "")


def test_a_base_that_is_valid_no_more_does_not_start_and_holds_up_no_other(dialer: Dialer) -> None:
    stale, fresh = loaded(dialer, hsm_lines(1)), loaded(dialer, hsm_lines(1))
    Base.objects.filter(pk=stale.pk).update(valid_until=NOW)

    with pytest.raises(Refusal, match="valid no more"):
        bases.start(stale, None, NOW)
    bases.start_dialer(dialer, None, NOW)
    assert (state_of(stale)[0], state_of(fresh)[0]) == ("ready", "running")


@pytest.mark.parametrize("reason", ["", "  ", " \x00"], ids=["empty", "blank", "NUL"])
def test_a_cap_is_not_lifted_without_a_reason(dialer: Dialer, reason: str) -> None:
    with pytest.raises(Refusal, match="Write why"):
        terms.lift_cap(make_base(dialer), None, reason, NOW)


def test_a_lifted_cap_says_who_when_and_why(dialer: Dialer) -> None:
    ana = make_operator("ana")
    base = terms.lift_cap(make_base(dialer), ana, " Recall of a product ", NOW)

    lifted = (base.cap_override_by, base.cap_override_at, base.cap_override_reason)
    assert lifted == (ana, NOW, "Recall of a product")


@pytest.mark.parametrize(
    ("lift", "counts"),
    [
        pytest.param(False, {"refused": 2, "accepted": 1}, id="held"),
        pytest.param(True, {"refused": 0, "accepted": 3}, id="lifted"),
    ],
)
def test_the_cap_holds_back_what_is_one_too_many_unless_it_was_lifted(
    wavy: Wavy, dialer: Dialer, lift: bool, counts: dict[str, int]
) -> None:
    SendingRules.objects.create(pk=1, messages_per_day=1)
    settle(started(dialer, hsm_lines(2, "hsm:notice:first")))
    base = started(dialer, hsm_lines(3, "hsm:notice:second"))
    if lift:
        terms.lift_cap(base, None, "A recall", NOW)

    settled: dict[str, Any] = settle(base)
    assert {key: settled[key] for key in counts} == counts
    held = Message.objects.filter(batch=base.pk, error="contact_cap", attempts=0)
    assert held.count() == counts["refused"]


def test_what_waited_overnight_needs_a_place_among_todays(wavy: Wavy, dialer: Dialer) -> None:
    SendingRules.objects.create(pk=1, messages_per_day=1)
    waited = started(dialer, hsm_lines(2))
    queued_again(waited, 2)
    tomorrow = NOW + timedelta(days=1)
    person = Message.objects.filter(batch=waited.pk).order_by("id")[0].contact
    outgoing(person, base=make_base(dialer, state="finished"), at=tomorrow, state=40)

    counts = settle(waited, tomorrow)
    assert (counts["refused"], counts["accepted"]) == (1, 1)
