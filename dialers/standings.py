"""How dialers stand: their states, why nothing of them moves, their tallies; asked once for all of a list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dialers.funnel import counts_of
from dialers.hours import ceilings_of
from dialers.models import Base, Dialer
from dialers.progress import bases_at_work, state_of, that_count, told, waits_of
from dialers.waiting import works_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What the API shows of one dialer at a moment."""

    state: str
    waiting_for: str | None
    tally: dict[str, int]


def standings(dialers: Collection[Dialer], now: datetime) -> dict[int, Standing]:
    """By their ids. Six queries, and a few for each provider with a daily limit, whatever the number of dialers."""
    at_work: dict[int, list[Base]] = {dialer.pk: [] for dialer in dialers}
    for base in bases_at_work(dialers):
        at_work[base.dialer_id].append(base)
    busy = {key: bases for key, bases in at_work.items() if bases}
    kept = ceilings_of((bases[0].dialer for bases in busy.values()), now) if busy else {}
    works = works_of((base for bases in busy.values() for base in that_count(bases)), now) if busy else {}
    tallies = counts_of(at_work)
    return {
        key: Standing(
            state_of(bases),
            told(waits_of(bases, kept[key], works, now)) if bases else "empty",
            tallies[key],
        )
        for key, bases in at_work.items()
    }
