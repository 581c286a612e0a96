"""Several workers at once: nobody is written to twice, the counts always add up, the pace holds."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from dialers import bases, claiming, loading
from dialers import dispatch as dispatching
from dialers.dispatch import dispatch
from dialers.models import Base, BaseState, Dialer, Row
from providers import sending, tally
from providers.errors import Refusal
from providers.locks import Lock, advisory_lock
from providers.models import Message, Provider
from tests.dialers.files import (
    ADDRESS,
    check_tally,
    hsm_lines,
    in_flight,
    loaded,
    queued_again,
    started,
    state_of,
    uploaded,
)
from tests.dialers.wavy import Reply, Wavy, accept
from tests.factories import NOW, make_dialer
from tools.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Runs each in its own thread and connection, all released at the same moment; the first error is raised."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def work(base: Base) -> None:
    """A worker that is sent to the base again and again until it is at its end."""
    while not Base.objects.filter(pk=base.pk, state__in=[BaseState.FINISHED, BaseState.CANCELLED]).exists():
        dispatch(base.pk, lambda: NOW)


def watch(base: Base) -> int:
    """Reads the tally until the base is at its end; returns how many sums were wrong."""
    wrong = 0
    while Base.objects.filter(pk=base.pk, state=BaseState.RUNNING).exists():
        counts = tally.read([base.pk])[base.pk]
        wrong += sum(counts.values()) - counts["replied"] != base.valid
        tally.fold()
    return wrong


def test_workers_on_one_base_write_to_nobody_twice_and_the_tally_always_adds_up(
    wavy: Wavy, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "IN_FLIGHT", 4)
    Provider.objects.update(recipients_per_request=3)
    base = started(dialer, hsm_lines(150))
    *_workers, wrong = at_once(lambda: work(base), lambda: work(base), lambda: watch(base))
    assert wrong == 0
    assert check_tally(base)["accepted"] == 150
    assert set(wavy.times_reached.values()) == {1}
    assert len(wavy.times_reached) == 150


def test_two_claims_at_once_share_the_rows(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(60))

    def claim() -> list[int]:
        mine: list[int] = []
        while keys := in_flight(base, 7):
            mine += keys
        return mine

    at_once(claim, claim, claim)
    assert Message.objects.filter(batch=base.pk).count() == 60
    assert Row.objects.filter(base=base).values("message").distinct().count() == 60
    assert check_tally(base)["submitting"] == 60


def test_a_claim_waits_for_no_other(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(10))
    with transaction.atomic():
        first = in_flight(base, 5)
        (second,) = at_once(lambda: in_flight(base, 5))
    assert isinstance(second, list)
    assert len({*first, *second}) == 10
    assert check_tally(base)["submitting"] == 10


def test_a_claim_that_meets_a_pause_takes_nothing(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(10))
    with transaction.atomic():
        bases.pause(base, NOW)
        assert at_once(lambda: in_flight(base, 5)) == [[]]
    assert in_flight(base, 5) == []
    assert check_tally(base)["pending"] == 10


def test_a_claim_gives_its_rows_to_a_cancel_that_waits_for_them(
    dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = started(dialer, hsm_lines(10))
    stands = claiming._stands
    its_rows = threading.Event()

    def wait_for_the_cancel(*of: Any) -> bool:
        its_rows.set()
        eventually(somebody_waits, what="the cancel waits for the rows")
        return stands(*of)

    def cancel() -> None:
        assert its_rows.wait(20)
        bases.cancel(base, NOW)

    monkeypatch.setattr(claiming, "_stands", wait_for_the_cancel)
    claimed, _cancelled = at_once(lambda: in_flight(base, 5), cancel)
    assert claimed == []
    assert check_tally(base)["skipped"] == 10


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
        )
        return bool(cursor.fetchone()[0])


def test_a_chunk_in_two_hands_leaves_once(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(40, "hsm:notice:{n}"))
    keys = queued_again(base, 40)

    def send() -> object:
        messages = Message.objects.filter(pk__in=keys).select_related("contact").order_by("id")
        return sending.send_chunk(dialer.provider, list(messages), lambda: NOW, policy=sending.RetryPolicy())

    at_once(send, send)
    assert set(wavy.times_reached.values()) == {1}
    assert check_tally(base)["accepted"] == 40


def test_a_cancel_in_the_middle_splits_the_base_into_left_and_skipped(
    wavy: Wavy, dialer: Dialer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatching, "IN_FLIGHT", 4)
    base = started(dialer, hsm_lines(120, "hsm:notice:{n}"))
    some_left = threading.Event()
    taken = wavy.behave

    def behave(body: dict[str, object]) -> tuple[int, object]:
        if len(wavy.arrivals) > 20:
            some_left.set()
        return taken(body)

    wavy.behave = behave

    def cancel() -> None:
        assert some_left.wait(20)
        bases.cancel(base, NOW)

    *_others, wrong = at_once(lambda: work(base), cancel, lambda: watch(base))
    counts = check_tally(base)
    assert wrong == 0
    assert state_of(base)[0] == "cancelled"
    assert counts["accepted"] == len(wavy.numbers)
    assert counts["accepted"] + counts["skipped"] == 120
    assert counts["skipped"] > 0
    assert set(wavy.times_reached.values()) == {1}


def test_starts_pauses_and_cancels_at_once_end_in_one_legal_state(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(50, "hsm:notice:{n}"))

    def restart() -> None:
        with suppress(Refusal):  # there is nothing to pause once the base is finished
            for _ in range(10):
                bases.pause_dialer(dialer, NOW)
                bases.start_dialer(dialer, None, NOW)

    at_once(restart, lambda: dispatch(base.pk, lambda: NOW))
    dispatch(base.pk, lambda: NOW)
    assert check_tally(base)["accepted"] == 50
    assert set(wavy.times_reached.values()) == {1}


def test_two_loaders_at_once_load_a_base_once(dialer: Dialer) -> None:
    base = uploaded(dialer, [*hsm_lines(300), "nonsense"])
    at_once(lambda: loading.load(base.pk), lambda: loading.load(base.pk))
    if state_of(base)[0] == "loading":  # both met at the lock: the next tick would come now
        loading.load(base.pk)
    assert check_tally(base)["pending"] == 300
    assert (base.state, base.invalid) == ("ready", 1)


RATE, ROWS = 25, 30  # messages a second, rows of each base


def test_two_workers_keep_the_pace_of_their_dialer_together(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(time_between_messages=1000 // RATE)
    Provider.objects.update(recipients_per_request=1)
    first = started(dialer, hsm_lines(ROWS))
    second = started(dialer, [line.replace(";59899", ";59898") for line in hsm_lines(ROWS)])
    now = datetime.now(UTC)
    at_once(lambda: work_until_done(first), lambda: work_until_done(second))
    assert datetime.now(UTC) - now >= timedelta(seconds=(2 * ROWS - RATE) / RATE)
    times = sorted(arrival.at for arrival in wavy.arrivals)
    assert len(times) == 2 * ROWS
    burst = RATE // 4 + 2  # what a bucket holds, and what is on its way from the second before
    busiest = max(sum(start <= at < start + 1 for at in times) for start in times)
    assert busiest <= RATE + burst
    for base in (first, second):
        assert check_tally(base)["accepted"] == ROWS


def work_until_done(base: Base) -> None:
    while state_of(base)[0] == BaseState.RUNNING:
        dispatch(base.pk, lambda: NOW)


def test_a_pause_reaches_a_worker_that_waits_for_its_pace(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(time_between_messages=100)
    base = started(dialer, hsm_lines(100))
    some_left = threading.Event()
    taken = wavy.behave

    def behave(body: dict[str, object]) -> tuple[int, object]:
        if len(wavy.arrivals) == 5:
            some_left.set()
        return taken(body)

    wavy.behave = behave

    def pause() -> datetime:
        assert some_left.wait(20)
        bases.pause(base, NOW)
        return datetime.now(UTC)

    def worker() -> datetime:
        dispatch(base.pk, lambda: NOW)
        return datetime.now(UTC)

    paused_at, stopped_at = at_once(pause, worker)
    assert isinstance(paused_at, datetime)
    assert isinstance(stopped_at, datetime)
    assert stopped_at - paused_at < timedelta(seconds=2)
    assert state_of(base)[0] == "paused"
    assert len(wavy.numbers) < 100


def test_the_first_start_wins_and_the_second_changes_nothing(dialer: Dialer) -> None:
    base = loaded(dialer, hsm_lines(1))
    at_once(lambda: bases.start(base, None, NOW), lambda: bases.start(base, None, NOW + timedelta(hours=1)))
    assert state_of(base)[0] == "running"
    assert base.started_at in (NOW, NOW + timedelta(hours=1))


def test_one_answer_that_takes_long_holds_up_no_other_base(wavy: Wavy, dialer: Dialer) -> None:
    slow = started(dialer, hsm_lines(3))
    hangs, over = str(ADDRESS + 2), threading.Event()
    Provider.objects.update(recipients_per_request=1)

    def behave(body: dict[str, Any]) -> Reply:
        if body["destinations"][0]["destination"] == hangs:
            over.wait(30)
        return accept(body)

    wavy.behave = behave
    dispatch(slow.pk, lambda: NOW)  # comes back although one answer is not there
    assert check_tally(slow)["submitting"] == 1
    over.set()
    late = [thread for thread in threading.enumerate() if thread.name == "late-answers"]
    for thread in late:
        thread.join(30)
    assert check_tally(slow)["accepted"] == 3
    assert state_of(slow)[0] == "finished"
    assert set(wavy.times_reached.values()) == {1}


def test_a_second_worker_helps_a_base_unless_another_one_waits_for_it(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(1))
    asleep = started(
        make_dialer(dialer.provider, name="Asleep", schedule="sat;10:00-11:00"), hsm_lines(1, dialer="Asleep")
    )

    def second() -> None:
        dispatch(base.pk, lambda: NOW)

    with advisory_lock(Lock.BASE, base.pk):
        at_once(second)
        assert state_of(base)[0] == "finished"  # the sleeping one does not need it
    Dialer.objects.filter(pk=asleep.dialer_id).update(schedule="")
    other = started(dialer, [f"{ADDRESS + 9};hsm:welcome"])
    with advisory_lock(Lock.BASE, other.pk):
        at_once(second, lambda: dispatch(other.pk, lambda: NOW))
        assert check_tally(other)["pending"] == 1
