"""Dispatch on the wire: each row once, in order, inside the hours, through the gate, also after a crash."""

import random
from datetime import timedelta

import pytest

from dialers import bases, tasks
from dialers import dispatch as dispatching
from dialers.dispatch import dispatch, look_round
from dialers.models import Dialer, Row, RowState
from dialers.progress import waiting_for
from providers import ledger
from providers.explained import explained
from providers.models import DoNotCall, Message, Provider, Template
from providers.models.do_not_call import Source
from providers.models.template import TemplateState
from providers.states import State
from providers.wake import redis
from tests.dialers.files import (
    ADDRESS,
    Clock,
    check_tally,
    hsm_lines,
    in_flight,
    loaded,
    queued_again,
    settle,
    started,
    state_of,
)
from tests.dialers.wavy import Wavy, trouble
from tests.factories import NOW, make_contact, make_operator

PHONE = "59899123456"
LATER = NOW + timedelta(minutes=2)


def test_a_group_that_was_turned_away_and_then_left_lying_goes_one_by_one(wavy: Wavy, dialer: Dialer) -> None:
    """Put together again it would only be turned away again, and its good recipients wait for ever."""
    base = started(dialer, hsm_lines(7))
    ledger.requeue(in_flight(base, 5), NOW, error="bad_request")
    settle(base)
    assert sorted(len(arrival.numbers) for arrival in wavy.arrivals) == [1, 1, 1, 1, 1, 2]
    assert check_tally(base)["accepted"] == 7


def test_the_guides_base_reaches_everybody_once(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(100, "hsm:chatclub_open_session_v2:Integra:Operation Performed"))
    assert settle(base)["accepted"] == 100
    assert state_of(base) == ("finished", "")
    assert set(wavy.times_reached.values()) == {1}
    assert len(wavy.times_reached) == 100
    hsm = wavy.arrivals[0].message["hsm"]
    assert (hsm["elementName"], hsm["parameters"]) == (
        "chatclub_open_session_v2",
        ["Integra", "Operation Performed"],
    )


def test_a_loaded_base_sends_nothing_before_it_is_started(wavy: Wavy, dialer: Dialer, eager: None) -> None:
    base = loaded(dialer, hsm_lines(3))
    tasks.tick()
    settle(base)
    assert wavy.arrivals == []
    bases.start(base, None, NOW)
    tasks.tick()
    assert len(wavy.numbers) == 3


def test_one_request_carries_the_recipients_of_one_content(
    wavy: Wavy, provider: Provider, dialer: Dialer
) -> None:
    Provider.objects.update(recipients_per_request=40)
    base = started(dialer, [*hsm_lines(100), f"{PHONE};hsm:notice:a", f"{PHONE};hsm:notice:b"])
    settle(base)
    assert sorted(len(arrival.numbers) for arrival in wavy.arrivals) == [1, 1, 20, 40, 40]


def test_priority_then_file_order_decides_who_is_first(
    wavy: Wavy, dialer: Dialer, monkeypatch: pytest.MonkeyPatch, one_by_one: None
) -> None:
    monkeypatch.setattr(dispatching, "CHUNK", 7)
    dice = random.Random(7)
    priorities = [dice.choice([1, 2, 5000, 9999]) for _ in range(40)]
    assert len(set(priorities)) == 4
    rows = [f"WavyDialer;{ADDRESS + n};hsm:notice:{n};{priority}" for n, priority in enumerate(priorities)]
    settle(started(dialer, rows))
    wanted = sorted(range(40), key=lambda n: (priorities[n], n))
    assert wavy.numbers == [str(ADDRESS + n) for n in wanted]


def test_messages_name_who_started_the_base(wavy: Wavy, dialer: Dialer) -> None:
    operator = make_operator()
    base = started(dialer, hsm_lines(1), user=operator)
    settle(base)
    message = Message.objects.get(batch=base.pk)
    assert (message.author, message.text, message.address) == (operator, "Welcome!", str(ADDRESS + 1))


# Pause, cancel, hours: asked between all steps


def test_a_pause_holds_at_once_and_a_start_goes_on_exactly_there(
    wavy: Wavy, dialer: Dialer, one_by_one: None
) -> None:
    base = started(dialer, hsm_lines(30, "hsm:notice:{n}"))
    clock = Clock(lambda: len(wavy.arrivals) >= 10, lambda: bases.pause(base, NOW))
    dispatch(base.pk, clock)
    counts = check_tally(base)
    assert state_of(base) == ("paused", "")
    assert wavy.arrivals[-1].at - clock.done_at < 2
    assert counts["accepted"] == len(wavy.numbers) < 30
    assert counts["pending"] == 30 - len(wavy.numbers)
    before = wavy.numbers
    settle(base)
    assert wavy.numbers == before
    bases.start(base, None, NOW)
    assert settle(base)["accepted"] == 30
    assert wavy.numbers == [str(ADDRESS + n) for n in range(1, 31)]
    assert state_of(base) == ("finished", "")


def test_a_cancel_skips_what_has_not_left(wavy: Wavy, dialer: Dialer, one_by_one: None) -> None:
    base = started(dialer, hsm_lines(30, "hsm:notice:{n}"))
    dispatch(base.pk, Clock(lambda: len(wavy.arrivals) >= 10, lambda: bases.cancel(base, NOW)))
    counts = check_tally(base)
    assert state_of(base) == ("cancelled", "")
    assert counts["accepted"] == len(wavy.numbers)
    assert counts["skipped"] == 30 - len(wavy.numbers) > 0
    assert set(wavy.times_reached.values()) == {1}


@pytest.mark.parametrize("status", [500, 429, 401], ids=["trouble", "slow down", "credentials"])
def test_what_comes_back_unsent_after_a_cancel_is_skipped_too(
    wavy: Wavy, dialer: Dialer, status: int
) -> None:
    wavy.behave = trouble(status)
    base = started(dialer, hsm_lines(1))
    dispatch(base.pk, Clock(lambda: bool(wavy.arrivals), lambda: bases.cancel(base, NOW)))
    assert check_tally(base)["skipped"] == 1
    assert state_of(base) == ("cancelled", "")


def test_what_a_dead_worker_left_queued_in_a_cancelled_base_is_skipped(
    wavy: Wavy, dialer: Dialer, eager: None
) -> None:
    base = started(dialer, hsm_lines(2))
    first = in_flight(base, 1)
    bases.cancel(base, NOW)
    ledger.requeue(first, NOW, error="unreachable")
    tasks.tick()
    assert check_tally(base)["skipped"] == 2
    assert wavy.arrivals == []


def test_a_cancel_skips_what_waits_for_a_retry(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(500)
    base = started(dialer, hsm_lines(3))
    assert settle(base)["queued"] == 3
    bases.cancel(base, NOW)
    assert check_tally(base)["skipped"] == 3
    assert not Message.objects.filter(batch=base.pk).exists()
    assert set(Row.objects.values_list("state", flat=True)) == {RowState.SKIPPED}


def test_nothing_leaves_outside_the_hours(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(schedule="sat;10:00-11:00")
    base = started(dialer, hsm_lines(3))
    assert look_round(NOW) == []
    assert settle(base)["pending"] == 3
    assert waiting_for(base, NOW) == "schedule"
    saturday = NOW + timedelta(days=3, hours=-5)
    assert waiting_for(base, saturday) is None
    assert look_round(saturday) == [base.pk]
    assert settle(base, saturday)["accepted"] == 3


def test_the_end_of_the_hours_holds_back_the_rest_of_a_chunk(
    wavy: Wavy, dialer: Dialer, one_by_one: None
) -> None:
    Dialer.objects.update(schedule="wed;15:00-15:00")
    base = started(dialer, hsm_lines(20, "hsm:notice:{n}"))
    dispatch(base.pk, Clock(lambda: len(wavy.arrivals) >= 5, jump=timedelta(minutes=1)))
    assert 5 <= len(wavy.numbers) < 10
    assert check_tally(base)["pending"] == 20 - len(wavy.numbers)


def test_a_base_with_nothing_left_ends_also_outside_the_hours(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(schedule="wed;15:00-15:00")
    base = started(dialer, hsm_lines(1))
    (only,) = in_flight(base, 1)
    ledger.move([ledger.Move(only, State.ACCEPTED, {"accepted_at": NOW})])
    assert state_of(base)[0] == "running"
    look_round(NOW + timedelta(minutes=1))
    assert state_of(base)[0] == "finished"


def test_a_base_whose_hours_end_with_its_last_message_is_finished_at_once(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(schedule="wed;15:00-15:00")
    base = started(dialer, hsm_lines(1))
    dispatch(base.pk, Clock(lambda: bool(wavy.arrivals), jump=timedelta(minutes=1)))
    assert state_of(base)[0] == "finished"


# The gate, once more when it leaves


def test_free_text_outside_the_window_never_leaves_and_says_why(wavy: Wavy, dialer: Dialer) -> None:
    text = "Your appointment is coming up on tomorrow at 12:00 PM"
    make_contact(dialer.provider, PHONE, NOW - timedelta(hours=1))
    make_contact(dialer.provider, "59899123457", NOW - timedelta(hours=25))
    base = started(dialer, [f"{number};{text}" for number in (PHONE, "59899123457", "59899123458")])
    counts = settle(base)
    assert (counts["accepted"], counts["refused"]) == (1, 2)
    assert wavy.numbers == [PHONE]
    assert state_of(base)[0] == "finished"
    refused = Message.objects.filter(batch=base.pk, state=State.REFUSED)
    told = {message.address: explained(message) for message in refused}
    assert "ended on March 4, 2026" in told["59899123457"]
    assert "never wrote" in told["59899123458"]
    assert set(Message.objects.filter(state=State.REFUSED).values_list("error", flat=True)) == {
        "window_closed"
    }


@pytest.mark.parametrize(
    ("source", "dncr", "leaves"),
    [
        pytest.param(Source.CUSTOMER, False, False, id="an opt-out after the loading"),
        pytest.param(Source.EXTERNAL, True, False, id="an external registry with DNCR"),
        pytest.param(Source.EXTERNAL, False, True, id="an external registry without DNCR"),
    ],
)
def test_do_not_call_holds_until_the_message_leaves(
    wavy: Wavy, dialer: Dialer, source: str, dncr: bool, leaves: bool
) -> None:
    Dialer.objects.update(dncr=dncr)
    base = started(dialer, [f"{PHONE};hsm:welcome"])
    DoNotCall.objects.create(number=PHONE, source=source)
    counts = settle(base)
    assert (counts["accepted"], counts["refused"]) == ((1, 0) if leaves else (0, 1))
    assert len(wavy.arrivals) == leaves


@pytest.mark.parametrize("gone", ["withdrawn", "deleted"])
def test_a_template_lost_after_the_loading_is_not_sent(wavy: Wavy, dialer: Dialer, gone: str) -> None:
    base = started(dialer, [f"{PHONE};hsm:welcome"])
    if gone == "deleted":
        Template.objects.filter(code="welcome").delete()
    else:
        Template.objects.update(state=TemplateState.DISAPPROVED)
    assert settle(base)["refused"] == 1
    assert wavy.arrivals == []


# After a crash


def test_after_a_crash_the_queued_go_out_once_and_what_was_in_flight_never_again(
    wavy: Wavy, dialer: Dialer
) -> None:
    base = started(dialer, hsm_lines(10))
    leaving = in_flight(base, 2)
    queued_again(base, 4)
    assert settle(base)["accepted"] == 8
    assert state_of(base)[0] == "running"
    ledger.expire_leases(NOW + timedelta(seconds=91))
    counts = settle(base, LATER)
    assert (counts["accepted"], counts["uncertain"], counts["submitting"]) == (8, 2, 0)
    assert state_of(base)[0] == "finished"
    unknown = set(Message.objects.filter(pk__in=leaving).values_list("address", flat=True))
    assert set(wavy.times_reached.values()) == {1}
    assert not unknown & set(wavy.numbers)


def test_redis_wiped_in_the_middle_loses_nothing(wavy: Wavy, dialer: Dialer, one_by_one: None) -> None:
    Dialer.objects.update(time_between_messages=5)
    base = started(dialer, hsm_lines(20, "hsm:notice:{n}"))
    dispatch(base.pk, Clock(lambda: len(wavy.arrivals) >= 5, redis.flushdb))
    assert check_tally(base)["accepted"] == 20
    assert set(wavy.times_reached.values()) == {1}


def test_the_providers_daily_limit_holds_across_its_bases_and_the_rest_goes_on_a_day_later(
    wavy: Wavy, dialer: Dialer
) -> None:
    Provider.objects.update(daily_limit=5)
    first = started(dialer, hsm_lines(3))
    second = started(dialer, [f"{ADDRESS + 100 + n};hsm:notice:{n}" for n in range(4)])
    dispatch(first.pk, lambda: NOW)
    dispatch(second.pk, lambda: NOW)
    assert len(wavy.numbers) == 5
    second.refresh_from_db()
    assert waiting_for(second, NOW) == "daily_limit"
    check_tally(second)
    tomorrow = NOW + timedelta(hours=24, seconds=1)
    dispatch(second.pk, lambda: tomorrow)
    assert len(wavy.numbers) == 7
    assert set(wavy.times_reached.values()) == {1}
