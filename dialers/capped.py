"""How many people of a base have had today as many messages as the daily cap allows."""

from dataclasses import dataclass
from datetime import datetime

from dialers.models import Base
from dialers.samples import people_of
from providers import caps, rules


@dataclass(frozen=True, slots=True)
class Capped:
    """`people` that are held back, exact or estimated from a sample."""

    people: int
    exact: bool


def capped_today(base: Base, now: datetime) -> Capped | None:
    """None where nobody is. Five statements at most, one without a cap, whatever the number of rows."""
    if not rules.current().messages_per_day:
        return None
    sample = people_of(base)
    full = caps.full(sample.people, now)
    if not full:
        return None
    if sample.whole:
        return Capped(len(full), exact=True)
    return Capped(max(1, round(base.valid * len(full) / len(sample.people))), exact=False)
