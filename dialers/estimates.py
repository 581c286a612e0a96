"""How long a base will take at the pace of its dialer and provider, and when it would be done."""

from dataclasses import dataclass
from datetime import datetime

from dialers.dispatch import rates
from dialers.models import Base
from providers.limits import people_left

FASTEST = 1000.0  # messages a second: the highest tier that WhatsApp grants a number


@dataclass(frozen=True, slots=True)
class Estimate:
    """`rate` in messages a second, `paced` where a setting says so, `seconds` of sending.

    `people_left`: how many more people the provider's daily limit allows now, None without a limit.
    """

    rows: int
    rate: float
    paced: bool
    seconds: float
    people_left: int | None


def estimate(base: Base, now: datetime) -> Estimate:
    """The duration of all its valid rows, at the slower of the two paces."""
    paces = [rate for rate in rates(base.dialer).values() if rate]
    rate = min([*paces, FASTEST])
    return Estimate(
        rows=base.valid,
        rate=rate,
        paced=bool(paces),
        seconds=base.valid / rate,
        people_left=people_left(base.dialer.provider, now),
    )
