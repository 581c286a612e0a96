"""How far a base or dialer is, how fast it goes, and why it stands still."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from dialers.hours import Ceilings, ceilings
from dialers.models import Base, BaseState, Dialer
from dialers.waiting import Waiting, Work, waiting, works_of
from providers import tally

RATE_WINDOW = timedelta(seconds=10)
NEWEST = 2_000  # messages that are looked at; 20,000 took half of the page's time
RECENT = """
SELECT b.batch, count(*), min(n.submitting_at) FROM unnest(%(batches)s::bigint[]) b(batch)
CROSS JOIN LATERAL (
    SELECT submitting_at FROM providers_message WHERE batch = b.batch ORDER BY id DESC LIMIT %(newest)s
) n WHERE n.submitting_at > %(since)s GROUP BY 1
"""
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


def progress(
    base: Base, now: datetime, counts: dict[str, int] | None = None, rate: float | None = None
) -> Progress:
    """The exact tally of a base, and its rate over the last ten seconds; `counts`, `rate`: where they were read."""
    counts = tally.read([base.pk])[base.pk] if counts is None else counts
    unprocessed = sum(counts[key] for key in UNPROCESSED)
    if rate is None:
        rate = rates_of([base], now)[base.pk]
    return Progress(
        tally=counts,
        total=base.valid,
        unprocessed=unprocessed,
        done_percent=100 * (base.valid - unprocessed) / base.valid if base.valid else 0.0,
        rate_per_second=rate,
        seconds_left=round(unprocessed / rate) if rate and unprocessed else None,
    )


def rates_of(bases: Iterable[Base], now: datetime) -> dict[int, float]:
    """Messages a second of each running base, of its newest ones: over the window, or over the shorter time that
    they took; 0 of the others. One query, none where none runs."""
    bases = list(bases)
    found = dict.fromkeys((base.pk for base in bases), 0.0)
    running = [base.pk for base in bases if base.state == BaseState.RUNNING]
    if not running:
        return found
    with connection.cursor() as cursor:
        cursor.execute(RECENT, {"batches": running, "newest": NEWEST, "since": now - RATE_WINDOW})
        for batch, n, first in cursor.fetchall():
            seconds = RATE_WINDOW.total_seconds()
            found[batch] = n / (seconds if n < NEWEST else max((now - first).total_seconds(), 1.0))
    return found


def waiting_for(base: Base, now: datetime) -> str | None:
    """Why nothing of a base moves: `schedule pace daily_limit retry provider`; None if it moves or need not."""
    found = waiting(base, now)
    return found.told if found else None


def dialer_state(dialer: Dialer) -> str:
    """`running` if one of its bases is, else `paused` if one is, else `idle`."""
    return state_of(bases_at_work([dialer]))


def state_of(at_work: Iterable[Base]) -> str:
    """The same of a dialer's running and paused bases."""
    states = {base.state for base in at_work}
    return "running" if BaseState.RUNNING in states else "paused" if states else "idle"


def dialer_waiting_for(dialer: Dialer, now: datetime) -> str | None:
    """Why nothing of a dialer moves; `empty` where there is nothing to send."""
    return told(dialer_waits(dialer, now))


Waits = tuple[Base, Waiting] | str | None


def told(found: Waits) -> str | None:
    """What programs are told of it."""
    return found[1].told if isinstance(found, tuple) else found


def dialer_waits(dialer: Dialer, now: datetime) -> Waits:
    """Why nothing of a dialer moves: a base of it that says so, with its reason, or `empty`; None while it moves."""
    at_work = bases_at_work([dialer])
    if not at_work:
        return "empty"
    return waits_of(at_work, ceilings(dialer, now), works_of(that_count(at_work), now), now)


def waits_of(at_work: list[Base], kept: Ceilings, works: Mapping[int, Work], now: datetime) -> Waits:
    """The same of a dialer's running and paused bases, its hours and their work."""
    first: tuple[Base, Waiting] | None = None
    for base in that_count(at_work):
        found = waiting(base, now, kept, works.get(base.pk))
        if found is None:
            return None
        first = first or (base, found)
    return first or "empty"


def that_count(at_work: list[Base]) -> list[Base]:
    """The running ones of a dialer's bases; the paused ones where none runs."""
    return [base for base in at_work if base.state == BaseState.RUNNING] or at_work


def bases_at_work(dialers: Iterable[Dialer]) -> list[Base]:
    """The running and paused bases of dialers, the oldest first. One query."""
    bases = Base.objects.filter(dialer__in=list(dialers), state__in=[BaseState.RUNNING, BaseState.PAUSED])
    return list(bases.select_related("dialer__provider", "dialer__calendar").order_by("id"))
