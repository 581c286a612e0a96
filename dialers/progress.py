"""How far a base or dialer is, how fast it goes, and why it stands still."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from dialers.dispatch import rates
from dialers.hours import may_send
from dialers.models import Base, BaseState, Dialer, Row, RowState
from providers import tally
from providers.limits import people_left
from providers.models import Message
from providers.states import OPEN, TALLY_KEYS, State

RATE_WINDOW = timedelta(seconds=10)
# What programs are told: all that the clock decides is the schedule to them.
BY_THE_CLOCK = dict.fromkeys(("start_date", "valid_until", "legal_hours", "holiday"), "schedule")
UNPROCESSED = ("pending", "queued", "submitting")


@dataclass(frozen=True, slots=True)
class Progress:
    """The figures of a progress bar. `seconds_left` is None while the rate is unknown."""

    tally: dict[str, int]
    total: int
    unprocessed: int
    done_percent: float
    rate_per_second: float
    seconds_left: int | None


def progress(base: Base, now: datetime, counts: dict[str, int] | None = None) -> Progress:
    """The exact tally of a base (`counts` where it was read already), and its rate over the last ten seconds."""
    counts = tally.read([base.pk])[base.pk] if counts is None else counts
    unprocessed = sum(counts[key] for key in UNPROCESSED)
    rate = _rate(base, now) if base.state == BaseState.RUNNING else 0.0
    return Progress(
        tally=counts,
        total=base.valid,
        unprocessed=unprocessed,
        done_percent=100 * (base.valid - unprocessed) / base.valid if base.valid else 0.0,
        rate_per_second=rate,
        seconds_left=round(unprocessed / rate) if rate and unprocessed else None,
    )


def _rate(base: Base, now: datetime) -> float:
    newest = Message.objects.filter(batch=base.pk).order_by("-id").values("submitting_at")[:20_000]
    recent = sum(1 for row in newest if row["submitting_at"] and row["submitting_at"] > now - RATE_WINDOW)
    return recent / RATE_WINDOW.total_seconds()


def waiting_for(base: Base, now: datetime) -> str | None:
    """Why nothing of a base moves: `schedule pace daily_limit retry provider`; None if it moves or need not."""
    if base.state == BaseState.PAUSED and base.reason == "credentials":
        return "provider"
    if base.state != BaseState.RUNNING:
        return None
    still = may_send(base, now)
    if still:
        return BY_THE_CLOCK.get(still, still)
    if Row.objects.filter(base=base, state=RowState.PENDING).exists():
        if people_left(base.dialer.provider, now) == 0:
            return "daily_limit"
        slow = any(0 < rate < 1 for rate in rates(base.dialer).values())
        return "pace" if slow else None
    waiting = Message.objects.filter(batch=base.pk, state__in=OPEN)
    busy = waiting.filter(Q(state=State.SUBMITTING) | Q(not_before=None) | Q(not_before__lte=now)).exists()
    return "retry" if not busy and waiting.exists() else None


def dialer_state(dialer: Dialer) -> str:
    """`running` if one of its bases is, else `paused` if one is, else `idle`."""
    states = set(
        Base.objects.filter(dialer=dialer, state__in=[BaseState.RUNNING, BaseState.PAUSED])
        .values_list("state", flat=True)
        .distinct()
    )
    if BaseState.RUNNING in states:
        return "running"
    return "paused" if states else "idle"


def dialer_waiting_for(dialer: Dialer, now: datetime) -> str | None:
    """Why nothing of a dialer moves; `empty` where there is nothing to send."""
    at_work = list(
        Base.objects.filter(dialer=dialer, state__in=[BaseState.RUNNING, BaseState.PAUSED]).select_related(
            "dialer__provider"
        )
    )
    if not at_work:
        return "empty"
    reasons = [waiting_for(base, now) for base in at_work]
    running = [
        reason for base, reason in zip(at_work, reasons, strict=True) if base.state == BaseState.RUNNING
    ] or reasons
    return None if None in running else running[0]


def dialer_tally(dialer: Dialer) -> dict[str, int]:
    """The sum of its bases' tallies."""
    total = dict.fromkeys(TALLY_KEYS.values(), 0)
    for counts in tally.read(Base.objects.filter(dialer=dialer).values_list("id", flat=True)).values():
        for key, n in counts.items():
            total[key] += n
    return total
