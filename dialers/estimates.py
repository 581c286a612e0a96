"""How long a base will take at the pace of its dialer and provider, and when it would be done."""

from dataclasses import dataclass
from datetime import datetime

from dialers.dispatch import rates
from dialers.models import Base
from providers.drivers import driver_for
from providers.limits import people_left

FASTEST = 1000.0  # messages a second: the highest tier that WhatsApp grants a number; assumed of SMS too


@dataclass(frozen=True, slots=True)
class Estimate:
    """`rate` in messages a second, `paced` where a setting says so, else `tier` where it is WhatsApp's highest;
    `seconds` of sending.

    `people_left`: how many more people the provider's daily limit allows now, None without a limit.
    """

    rows: int
    rate: float
    paced: bool
    tier: bool
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
        tier=not paces and driver_for(base.dialer.provider.api_type).windowed,
        seconds=base.valid / rate,
        people_left=people_left(base.dialer.provider, now),
    )
