"""How dialers stand: their states, why nothing of them moves, their tallies; asked once for all of a list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dialers.funnel import counts_of
from dialers.hours import ceilings_of
from dialers.models import Base, Dialer
from dialers.progress import Waits, bases_at_work, state_of, that_count, told, waits_of
from dialers.waiting import Waiting, works_of


@dataclass(frozen=True, slots=True)
class Standing:
    """What the API shows of one dialer at a moment."""

    state: str
    waiting_for: str | None
    tally: dict[str, int]


def standings(dialers: Collection[Dialer], now: datetime) -> dict[int, Standing]:
    """By their ids. Six queries, and a few for each provider with a daily limit, whatever the number of dialers."""
    at_work = _at_work(dialers)
    found = _waits(at_work, now)
    tallies = counts_of(at_work)
    return {
        key: Standing(state_of(bases), told(found.get(key, "empty")), tallies[key])
        for key, bases in at_work.items()
    }


def standing_still(dialers: Collection[Dialer], now: datetime) -> dict[int, tuple[Base, Waiting]]:
    """Those at work of which nothing moves, by their ids: a base that says so, and why. Queries as of `standings`."""
    found = _waits(_at_work(dialers), now)
    return {key: waits for key, waits in found.items() if isinstance(waits, tuple)}


def _at_work(dialers: Collection[Dialer]) -> dict[int, list[Base]]:
    at_work: dict[int, list[Base]] = {dialer.pk: [] for dialer in dialers}
    for base in bases_at_work(dialers):
        at_work[base.dialer_id].append(base)
    return at_work


def _waits(at_work: dict[int, list[Base]], now: datetime) -> dict[int, Waits]:
    busy = {key: bases for key, bases in at_work.items() if bases}
    if not busy:
        return {}
    kept = ceilings_of((bases[0].dialer for bases in busy.values()), now)
    works = works_of((base for bases in busy.values() for base in that_count(bases)), now)
    return {key: waits_of(bases, kept[key], works, now) for key, bases in busy.items()}
