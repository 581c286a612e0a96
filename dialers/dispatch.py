"""Dispatch: one base leaves through its provider, many requests in flight, inside the hours, at the pace."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from dialers import endings, failures
from dialers.claiming import claim, due
from dialers.hours import by_its_dates, ceilings_of, may_send
from dialers.models import Base, BaseState, Dialer, Row, RowState
from providers import pace
from providers.drivers.base import Verdict
from providers.http_bulk import BulkWire
from providers.locks import Lock, advisory_lock
from providers.models import Message
from providers.sending import MOST_IN_FLIGHT, Limits, Report, RetryPolicy, Stream
from providers.states import OPEN, State
from providers.templates import TemplateBook

WORKERS = 2  # at one base
IN_FLIGHT = 300  # requests of each of them
CHUNK = 500  # messages that leave although the provider asks for patience with a few
TURN_SECONDS = 5.0  # how long one base keeps a worker where others wait for one
SHORT_WAIT = 0.5  # seconds worth waiting for a token inside a turn
LOOK_SECONDS = 0.2  # how long hours and templates hold, once looked at; a claim looks at the base itself
PATIENCE = 1.0  # seconds to wait for answers before looking round again
LATE_SECONDS, FEW_LATE = 2.0, 100  # so many messages, unanswered for so long, no longer hold up a worker
UNREACHABLE_HOLD = 5  # seconds
SLOWER_HOLD = 1  # seconds, where the provider takes some and asks for patience with others

WAITING = """
SELECT b.id FROM dialers_base b WHERE b.state = 'running' AND NOT EXISTS (
    SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid IN (%s, %s) AND l.objid = b.id
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
) ORDER BY b.started_at LIMIT %s
"""
LOOKED_AT = 50  # bases without a worker


def dispatch(base_id: int, clock: Callable[[], datetime]) -> None:
    """One turn of a running base: sends until it is done, has to wait, or others wait. WORKERS at a base at most."""
    with _place(base_id, clock) as free:
        if not free:
            return
        endings.end_if_over(base_id, clock())
        base = _running(base_id)
        if base is None or may_send(base, clock()):
            return
        turn = Turn(base, clock)
        while turn.step():
            pass
        if not turn.stream.flying:
            turn.end()
            return
    # A worker must not wait half a minute for one answer while bases wait for it.
    threading.Thread(target=_await_late, args=(turn,), name="late-answers").start()


@contextmanager
def _place(base_id: int, clock: Callable[[], datetime]) -> Iterator[bool]:
    """Whether there is a place at the base for this worker; it is held until the block ends."""
    with advisory_lock(Lock.BASE, base_id) as first:
        if first:
            yield True
            return
        with advisory_lock(Lock.BASE_SECOND, base_id) as second:
            yield second and not _others_wait(clock())


def _others_wait(now: datetime) -> bool:
    """Whether a running base of which something may leave has no worker at all."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [int(Lock.BASE), int(Lock.BASE_SECOND), LOOKED_AT])
        keys = [row[0] for row in cursor.fetchall()]
    bases = list(Base.objects.select_related("dialer__provider", "dialer__calendar").filter(pk__in=keys))
    kept = ceilings_of((base.dialer for base in bases), now) if bases else {}
    return any(not may_send(base, now, kept[base.dialer_id]) for base in bases)


def _await_late(turn: "Turn") -> None:
    """Records the last answers of a turn whose worker has gone on."""
    try:
        while turn.stream.flying:
            turn.stream.settle(PATIENCE)
        turn.end()
    finally:
        connection.close()


def _running(base_id: int) -> Base | None:
    bases = Base.objects.select_related("dialer__provider", "dialer__calendar")
    return bases.filter(pk=base_id, state=BaseState.RUNNING).first()


class Turn:
    """What a worker does with one base, until there is nothing to do now or it must stop."""

    def __init__(self, base: Base, clock: Callable[[], datetime]) -> None:
        self.base = base
        self.clock = clock
        self.ends = time.monotonic() + TURN_SECONDS
        self.left = 0  # messages
        self.place = (0, 0)  # priority and line of the last row that it claimed
        self.dry = False  # nothing more to send now
        self.looked_at = -LOOK_SECONDS
        self.templates: TemplateBook | None = None
        self.looks_at = 0.0  # when to look again for what waited for its next attempt
        self.idle_since = 0.0  # since when it only waits for answers
        late = Message.objects.filter(batch=base.pk, listed_state=State.SUBMITTING).count()
        self.stream = Stream(
            base.dialer.provider,
            BulkWire[int](),
            Limits(IN_FLIGHT, (MOST_IN_FLIGHT - min(late, MOST_IN_FLIGHT // 2)) // WORKERS),
            clock,
            RetryPolicy(base.dialer.attempts, timedelta(seconds=base.dialer.retry_after)),
        )

    def step(self) -> bool:
        """Lets leave what may, then records what came back; False when the turn is over."""
        wait = PATIENCE
        if self.stream.full and not self.dry:
            self.stream.settle(wait)
            return True
        if not self._may_go_on():
            self.stream.waiting.clear()
            self.dry = True
            self.idle_since = self.idle_since or time.monotonic()
        else:
            wait = self._refill()
        if self.stream.flying:
            self.stream.settle(wait)
        elif wait and not self.dry:
            time.sleep(min(wait, SHORT_WAIT))
            self.dry = wait > SHORT_WAIT
        return not self.dry or (self.stream.flying and not self._only_late)

    def end(self) -> None:
        """What follows from its answers, once all of them are there."""
        endings.skip_left_over(self.base.pk)
        endings.end_if_over(self.base.pk, self.clock())
        _hold_back(self.base, self.stream.report)
        if base := _running(self.base.pk):
            _work_left(base, self.clock())

    @property
    def _only_late(self) -> bool:
        """Whether nothing is left of it but a few answers that take long."""
        waits = self.idle_since and time.monotonic() - self.idle_since > LATE_SECONDS
        return bool(waits and self.stream.messages <= FEW_LATE)

    def _may_go_on(self) -> bool:
        """A pause, a suspension, the end of the hours or of the turn, or the provider's answers hold back the rest."""
        report = self.stream.report
        if self.dry or report.must_stop:
            return False
        if report.saw(Verdict.SLOW_DOWN) and self.left >= CHUNK:
            return False
        if time.monotonic() > self.ends and not self._another_turn():
            return False
        if time.monotonic() < self.looked_at + LOOK_SECONDS:
            return True
        base = _running(self.base.pk)
        if base is None or may_send(base, self.clock()):
            return False
        self.base = base
        self.templates = TemplateBook(base.dialer.provider)
        self.looked_at = time.monotonic()
        return True

    def _another_turn(self) -> bool:
        self.ends = time.monotonic() + TURN_SECONDS
        return not _others_wait(self.clock())

    def _refill(self) -> float:
        """Launches as much as lane and pace allow; returns the seconds that are worth waiting for answers."""
        stream = self.stream
        stream.relaunch()
        if stream.waiting or not stream.free_requests or not stream.free_messages:
            return PATIENCE
        buckets = rates(self.base.dialer)
        grant = pace.take(buckets, stream.free_messages)
        if not grant.tokens:
            return grant.wait
        used = self._due(grant.tokens)
        if used < grant.tokens and not stream.waiting:
            claimed = claim(self.base, stream, grant.tokens - used, self.place, self.templates)
            self.place = max(self.place, claimed.place)
            stream.launch(claimed.leaving)
            used += claimed.rows
        pace.give_back(buckets, grant.tokens - used)
        self.left += used
        self.idle_since = 0.0 if used else self.idle_since or time.monotonic()
        self.dry = not used and (not stream.busy or self._only_late)
        return 0.0 if used else PATIENCE

    def _due(self, most: int) -> int:
        if time.monotonic() < self.looks_at:
            return 0
        used = due(self.base, self.stream, most, self.clock())
        if not used:  # asked at every step it would cost a base more than the answer is worth
            self.looks_at = time.monotonic() + SHORT_WAIT
        self.stream.relaunch()
        return used


def rates(dialer: Dialer) -> dict[str, float]:
    """The buckets that a dialer's messages draw from, with their tokens a second."""
    gap = dialer.time_between_messages
    return {
        f"dialer:{dialer.pk}": 1000 / gap if gap else 0.0,
        f"provider:{dialer.provider_id}": float(dialer.provider.messages_per_second),
    }


def _hold_back(base: Base, report: Report) -> None:
    """Slows down, waits or pauses as the provider's answers ask for."""
    if report.saw(Verdict.CREDENTIALS):
        pause_for_provider(base.dialer.provider_id)
    if report.saw(Verdict.SLOW_DOWN):
        # Longer and longer only while it takes nothing at all: a base must not crawl for a few odd answers.
        seconds = SLOWER_HOLD if report.saw(Verdict.ACCEPTED) else None
        pace.hold(base.dialer.provider_id, "pace", seconds=seconds)
    if report.saw(Verdict.NOT_SENT):
        pace.hold(base.dialer.provider_id, "provider", seconds=UNREACHABLE_HOLD)


def pause_for_provider(provider_id: int) -> int:
    """Pauses every running base of a provider that turns away its credentials; the rows wait. Returns how many."""
    running = Base.objects.filter(dialer__provider_id=provider_id, state=BaseState.RUNNING)
    with transaction.atomic():
        keys = list(
            running.order_by("id").select_for_update(of=("self",), no_key=True).values_list("id", flat=True)
        )
        return Base.objects.filter(pk__in=keys).update(state=BaseState.PAUSED, reason="credentials")


def _work_left(base: Base, now: datetime) -> bool:
    """Whether something may be sent now. A base with nothing left at all is finished here."""
    if Row.objects.filter(base=base, state=RowState.PENDING).exists():
        return True
    open_messages = Message.objects.filter(batch=base.pk, listed_state__in=OPEN)
    if open_messages.filter(Q(not_before=None) | Q(not_before__lte=now), listed_state=State.QUEUED).exists():
        return True
    if not open_messages.exists():
        endings.finish(base, now)
    return False


def look_round(now: datetime) -> list[int]:
    """The bases that a worker should turn to now: something may leave, or their time is over.

    On the way: those that stand still but have nothing left are finished, those whose provider is suspended
    or of which too much fails paused, and what a worker left behind in cancelled ones is skipped.
    """
    moving = endings.over(now)
    running = Base.objects.filter(state=BaseState.RUNNING)
    bases = list(running.select_related("dialer__provider", "dialer__calendar"))
    kept = ceilings_of((base.dialer for base in bases), now) if bases else {}
    for base in bases:
        if by_its_dates(base, now) == "valid_until":
            continue
        if base.dialer.provider.suspended_at:
            pause_for_provider(base.dialer.provider_id)
        elif failures.pause_if_failing(base, now):
            continue
        elif not may_send(base, now, kept[base.dialer_id]):
            moving.append(base.pk)
        else:
            _work_left(base, now)
    queued = Message.objects.filter(batch__isnull=False, listed_state=State.QUEUED).values("batch")
    for base_id in Base.objects.filter(state=BaseState.CANCELLED, pk__in=queued).values_list("pk", flat=True):
        endings.skip_left_over(base_id)
    return moving
