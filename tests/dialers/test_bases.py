"""The operator's acts on bases and dialers: what each does, and why it cannot be done."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from dialers import bases
from dialers.models import Base, BaseState, Dialer, InvalidLine, Row
from providers import ledger
from providers.errors import Refusal
from providers.models import Message, Provider
from providers.states import State
from providers.unconfirmed import take_as_sent as take_as_sent_below
from tests.dialers.files import check_tally, hsm_lines, in_flight, loaded, settle, started, state_of, uploaded
from tests.dialers.wavy import Wavy, accept, trouble
from tests.factories import NOW, make_base, make_dialer, make_operator, make_provider

LATER = NOW + timedelta(minutes=5)
Act = Callable[[Base], object]
ACTS: dict[str, Act] = {
    "start": lambda base: bases.start(base, None, NOW),
    "pause": lambda base: bases.pause(base, NOW),
    "cancel": lambda base: bases.cancel(base, NOW),
    "discard": bases.discard,
}


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.status == 409
    return caught.value


def attempt(act: Callable[[], object]) -> Refusal | None:
    try:
        act()
    except Refusal as why:
        return why
    return None


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        pytest.param("start", {"ready": "running", "running": "running", "paused": "running"}, id="start"),
        pytest.param("pause", {"running": "paused", "paused": "paused"}, id="pause"),
        pytest.param(
            "cancel",
            dict.fromkeys(("ready", "running", "paused", "cancelled"), "cancelled"),
            id="cancel",
        ),
        pytest.param("discard", {"ready": "", "failed": ""}, id="discard"),
    ],
)
def test_an_act_fits_the_state_or_says_why_not(dialer: Dialer, act: str, allowed: dict[str, str]) -> None:
    after: dict[str, str] = {}
    for state in BaseState:
        base = make_base(dialer, name=f"{state}.csv", state=state)
        why = attempt(partial(ACTS[act], base))
        if why is None:
            after[state] = getattr(Base.objects.filter(pk=base.pk).first(), "state", "")
        else:
            assert (why.code, why.status) == ("not_ready", 409)
            assert str(state.label) in why.sentence
            assert state_of(base)[0] == state
    assert after == allowed


def test_a_disabled_dialer_starts_nothing(dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(1))
    Dialer.objects.update(enabled=False)
    for act in (lambda: bases.start(base, None, NOW), lambda: bases.start_dialer(dialer, None, NOW)):
        why = refusal(act)
        assert why.code == "dialer_disabled"
        assert "“WavyDialer” is not enabled" in why.sentence
    assert state_of(base)[0] == "ready"


def test_a_start_notes_who_and_when_and_a_resume_keeps_both(dialer: Dialer) -> None:
    first, second = make_operator("ana"), make_operator("bia")
    base = loaded(dialer, hsm_lines(1))
    bases.start(base, first, NOW)
    bases.pause(base, NOW)
    bases.start(base, second, LATER)
    base.refresh_from_db()
    assert (base.started_by, base.started_at) == (first, NOW)


def test_a_cancelled_ready_base_skips_all_of_it(dialer: Dialer) -> None:
    base = loaded(dialer, [*hsm_lines(3), "nonsense"])
    bases.cancel(base, NOW)
    counts = check_tally(base)
    assert (counts["skipped"], counts["pending"]) == (3, 0)
    assert base.finished_at == NOW


def test_a_discarded_base_leaves_nothing_behind(
    dialer: Dialer, django_capture_on_commit_callbacks: Any
) -> None:
    base = loaded(dialer, [*hsm_lines(3), "nonsense"])
    storage, name = base.file.storage, str(base.file.name)
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        bases.discard(base)
    assert [model.objects.count() for model in (Base, Row, InvalidLine)] == [0, 0, 0]
    assert not storage.exists(name)


# A dialer's bases


def test_starting_a_dialer_starts_what_is_ready_now_and_resumes_what_is_paused(
    wavy: Wavy, dialer: Dialer
) -> None:
    ready, paused = loaded(dialer, hsm_lines(1)), started(dialer, hsm_lines(1))
    bases.pause(paused, NOW)
    other = loaded(make_dialer(dialer.provider, name="Other"), hsm_lines(1, dialer="Other"))
    loading = uploaded(dialer, hsm_lines(1))
    bases.start_dialer(dialer, None, NOW)
    later = loaded(dialer, hsm_lines(1))
    states = [state_of(base)[0] for base in (ready, paused, loading, later, other)]
    assert states == ["running", "running", "loading", "ready", "ready"]


def test_pausing_and_stopping_a_dialer_touch_only_what_was_started(dialer: Dialer) -> None:
    running, ready = started(dialer, hsm_lines(2)), loaded(dialer, hsm_lines(2))
    bases.pause_dialer(dialer, NOW)
    assert [state_of(base)[0] for base in (running, ready)] == ["paused", "ready"]
    bases.stop_dialer(dialer, NOW)
    assert [state_of(base)[0] for base in (running, ready)] == ["cancelled", "ready"]
    assert check_tally(running)["skipped"] == 2


@pytest.mark.parametrize(
    ("act", "part"),
    [
        pytest.param(lambda dialer: bases.start_dialer(dialer, None, NOW), "Upload one first", id="start"),
        pytest.param(lambda dialer: bases.pause_dialer(dialer, NOW), "is running", id="pause"),
        pytest.param(lambda dialer: bases.stop_dialer(dialer, NOW), "running or paused", id="stop"),
    ],
)
def test_a_dialer_without_such_bases_says_so(
    dialer: Dialer, act: Callable[[Dialer], object], part: str
) -> None:
    make_base(dialer, state=BaseState.FINISHED)
    why = refusal(lambda: act(dialer))
    assert why.code == "nothing_to_do"
    assert part in why.sentence


def test_a_dialer_is_started_whole_or_not_at_all(dialer: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = loaded(dialer, hsm_lines(1)), loaded(dialer, hsm_lines(1))
    whole = bases.start

    def fail_at_the_second(base: Base, user: None, now: object) -> Base:
        if base.pk == second.pk:
            raise Refusal("not_ready", "gone")
        return whole(base, user, NOW)

    monkeypatch.setattr(bases, "start", fail_at_the_second)
    assert refusal(lambda: bases.start_dialer(dialer, None, NOW)).code == "not_ready"
    assert [state_of(base)[0] for base in (first, second)] == ["ready", "ready"]


# Unconfirmed messages


def unconfirmed(wavy: Wavy, dialer: Dialer, n: int = 2) -> tuple[Base, list[Message]]:
    wavy.behave = trouble(504)
    base = started(dialer, hsm_lines(n))
    assert settle(base)["uncertain"] == n
    wavy.behave = accept
    return base, list(Message.objects.filter(batch=base.pk).order_by("id"))


def test_send_again_takes_the_rows_place_and_runs_the_base_again(wavy: Wavy, dialer: Dialer) -> None:
    operator = make_operator()
    base, (first, _second) = unconfirmed(wavy, dialer)
    new = bases.send_again(first, operator, LATER)
    assert state_of(base)[0] == "running"
    counts = check_tally(base)
    assert (counts["queued"], counts["uncertain"]) == (1, 1)
    assert Row.objects.get(message=new).address == first.address
    assert new.correlation_id != first.correlation_id
    counts = settle(base, LATER)
    assert (counts["accepted"], counts["uncertain"]) == (1, 1)
    assert state_of(base)[0] == "finished"
    assert wavy.times_reached[first.address] == 2
    first.refresh_from_db()
    assert (first.state, first.batch, first.decided_by) == (State.UNCERTAIN, None, operator)


def test_send_again_after_a_cancel_sends_that_one_alone(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(504)
    base = started(dialer, hsm_lines(1))
    settle(base)
    wavy.behave = accept
    Base.objects.update(state=BaseState.CANCELLED)
    (message,) = Message.objects.filter(batch=base.pk)
    bases.send_again(message, None, LATER)
    assert settle(base, LATER)["accepted"] == 1


def test_a_cancelled_base_is_not_finished_by_what_is_sent_again(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(3))
    (key,) = in_flight(base, 1)
    ledger.expire_leases(NOW + timedelta(minutes=5))
    bases.cancel(base, NOW)
    bases.send_again(Message.objects.get(pk=key), None, LATER)
    counts = settle(base, LATER)
    assert (counts["accepted"], counts["skipped"]) == (1, 2)
    assert state_of(base)[0] == "cancelled"


def test_a_cancel_takes_back_what_was_to_go_again(wavy: Wavy, dialer: Dialer) -> None:
    base, (first, second) = unconfirmed(wavy, dialer)
    Base.objects.update(state=BaseState.PAUSED)
    bases.send_again(first, make_operator(), LATER)

    bases.cancel(base, LATER)

    assert check_tally(base)["uncertain"] == 2  # nobody knows whether it left: it is not skipped
    assert list(Row.objects.filter(base=base).order_by("line").values_list("message", flat=True)) == [
        first.pk,
        second.pk,
    ]


def test_send_again_waits_while_its_base_is_paused(wavy: Wavy, dialer: Dialer) -> None:
    base, (first, _second) = unconfirmed(wavy, dialer)
    Base.objects.update(state=BaseState.PAUSED)
    bases.send_again(first, None, LATER)
    reached = len(wavy.numbers)
    assert settle(base, LATER)["queued"] == 1
    assert len(wavy.numbers) == reached
    assert state_of(base)[0] == "paused"


def test_take_as_sent_moves_the_row_and_sends_nothing(wavy: Wavy, dialer: Dialer) -> None:
    base, (first, _second) = unconfirmed(wavy, dialer)
    reached = len(wavy.numbers)
    bases.take_as_sent(first, make_operator(), LATER)
    counts = check_tally(base)
    assert (counts["accepted"], counts["uncertain"]) == (1, 1)
    assert len(wavy.numbers) == reached
    assert state_of(base)[0] == "finished"


@pytest.mark.parametrize("first_act", [bases.send_again, bases.take_as_sent, take_as_sent_below])
@pytest.mark.parametrize("second_act", [bases.send_again, bases.take_as_sent])
def test_an_unconfirmed_message_is_decided_once(
    wavy: Wavy,
    dialer: Dialer,
    first_act: Callable[..., Message],
    second_act: Callable[..., Message],
) -> None:
    base, (first, _second) = unconfirmed(wavy, dialer)
    first_act(first, None, LATER)
    assert refusal(lambda: second_act(first, None, LATER)).code == "not_uncertain"
    check_tally(base)


def test_a_start_ends_the_suspension_of_a_running_base_too(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(1))
    Provider.objects.update(suspended_at=NOW, suspended_reason="credentials")
    bases.start(base, None, LATER)
    assert Provider.objects.get(pk=dialer.provider_id).suspended_at is None


def test_a_dialer_with_bases_keeps_its_provider(dialer: Dialer) -> None:
    other = make_provider("Other", "5511900000009")
    dialer.provider = other
    dialer.full_clean()
    make_base(dialer)
    with pytest.raises(ValidationError) as caught:
        dialer.full_clean()
    assert "Make a new dialer" in str(caught.value.message_dict["provider"])
