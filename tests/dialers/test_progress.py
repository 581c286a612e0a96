"""Progress: the figures of the bar, and why nothing moves."""

from datetime import timedelta
from typing import Any

import pytest

from dialers import bases
from dialers.funnel import dialer_counts
from dialers.models import Base, BaseState, Dialer
from dialers.progress import dialer_state, dialer_waiting_for, progress, waiting_for
from providers import ledger, pace
from providers.models import Provider
from tests.dialers.files import hsm_lines, in_flight, loaded, settle, started
from tests.dialers.wavy import Wavy, trouble
from tests.factories import NOW, make_base, make_dialer

SOON = NOW + timedelta(seconds=1)


def test_a_loaded_base_is_all_unprocessed(dialer: Dialer) -> None:
    figures = progress(loaded(dialer, hsm_lines(4)), NOW)
    assert (figures.total, figures.unprocessed, figures.done_percent) == (4, 4, 0.0)
    assert (figures.rate_per_second, figures.seconds_left) == (0.0, None)


def test_the_bar_counts_what_is_at_an_end(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(10))
    messages = in_flight(base, 5)
    ledger.move(ledger.Move(key, 40, {"accepted_at": NOW}) for key in messages[:4])
    figures = progress(base, SOON)
    assert (figures.tally["accepted"], figures.tally["submitting"], figures.tally["pending"]) == (4, 1, 5)
    assert (figures.unprocessed, figures.done_percent) == (6, 40.0)
    assert (figures.rate_per_second, figures.seconds_left) == (0.5, 12)
    assert progress(base, NOW + timedelta(minutes=1)).rate_per_second == 0.0


def test_a_fast_base_is_rated_by_its_newest_messages(dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialers.progress.NEWEST", 5)
    base = started(dialer, hsm_lines(20))
    in_flight(base, 10)

    assert progress(base, SOON).rate_per_second == 5.0


def test_a_finished_base_is_whole_and_has_no_rate(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(2))
    settle(base)
    base.refresh_from_db()
    figures = progress(base, SOON)
    assert (figures.unprocessed, figures.done_percent, figures.rate_per_second) == (0, 100.0, 0.0)


def test_a_base_without_a_good_line_has_no_share(dialer: Dialer) -> None:
    assert progress(loaded(dialer, "nonsense"), NOW).done_percent == 0.0


@pytest.mark.parametrize(
    ("dialer_fields", "provider_fields", "base_fields", "why"),
    [
        pytest.param({}, {}, {}, None, id="it moves"),
        pytest.param({"schedule": "sun;00:00-23:59"}, {}, {}, "schedule", id="outside the hours"),
        pytest.param({}, {"suspended_at": NOW}, {}, "provider", id="credentials turned away"),
        pytest.param({}, {}, {"state": "paused", "reason": "credentials"}, "provider", id="paused for that"),
        pytest.param({}, {}, {"state": "paused"}, None, id="paused by the operator"),
        pytest.param({"time_between_messages": 5000}, {}, {}, "pace", id="less than one a second"),
        pytest.param({"time_between_messages": 100}, {}, {}, None, id="ten a second move"),
        pytest.param({}, {}, {"state": "ready"}, None, id="not started"),
        pytest.param({}, {}, {"state": "finished"}, None, id="at its end"),
    ],
)
def test_a_base_says_why_it_stands_still(
    dialer: Dialer,
    dialer_fields: dict[str, Any],
    provider_fields: dict[str, Any],
    base_fields: dict[str, Any],
    why: str | None,
) -> None:
    base = started(dialer, hsm_lines(2))
    Dialer.objects.update(**(dialer_fields or {"enabled": True}))
    Provider.objects.update(**(provider_fields or {"url": ""}))
    Base.objects.update(**(base_fields or {"reason": ""}))
    assert waiting_for(Base.objects.get(pk=base.pk), NOW) == why


@pytest.mark.parametrize("reason", ["pace", "provider"])
def test_a_held_provider_is_the_reason(dialer: Dialer, reason: str) -> None:
    base = started(dialer, hsm_lines(1))
    pace.hold(dialer.provider_id, reason)
    assert waiting_for(base, NOW) == reason


def test_what_waits_for_its_next_attempt_says_retry_until_its_time(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(503)
    base = started(dialer, hsm_lines(1))
    settle(base)
    assert waiting_for(base, NOW) == "retry"
    assert waiting_for(base, NOW + timedelta(seconds=dialer.retry_after)) is None


@pytest.mark.parametrize(
    ("states", "word", "why"),
    [
        pytest.param([], "idle", "empty", id="no base"),
        pytest.param(["ready", "finished", "cancelled", "failed"], "idle", "empty", id="none at work"),
        pytest.param(["paused", "ready"], "paused", None, id="one is paused"),
        pytest.param(["paused", "running"], "running", None, id="one runs"),
    ],
)
def test_a_dialer_is_what_its_bases_are(
    dialer: Dialer, states: list[str], word: str, why: str | None
) -> None:
    for state in states:
        make_base(dialer, name=f"{state}.csv", state=state)
    make_base(make_dialer(dialer.provider, name="Other"), state=BaseState.RUNNING)
    assert (dialer_state(dialer), dialer_waiting_for(dialer, NOW)) == (word, why)


def test_a_dialer_stands_still_only_when_all_of_its_running_bases_do(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(503)
    settle(started(dialer, hsm_lines(1)))
    assert dialer_waiting_for(dialer, NOW) == "retry"
    moving = started(dialer, hsm_lines(1, "hsm:notice:x"))
    assert dialer_waiting_for(dialer, NOW) is None
    bases.pause(moving, NOW)
    assert dialer_waiting_for(dialer, NOW) == "retry"


def test_a_dialers_tally_is_the_sum_of_its_bases(wavy: Wavy, dialer: Dialer) -> None:
    settle(started(dialer, hsm_lines(3)))
    loaded(dialer, hsm_lines(2))
    loaded(make_dialer(dialer.provider, name="Other"), hsm_lines(5, dialer="Other"))
    counts = dialer_counts(dialer)
    assert (counts["accepted"], counts["pending"], sum(counts.values())) == (3, 2, 5)
