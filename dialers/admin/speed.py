"""How fast a base goes, how long it still takes and when it will be done, in words."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import openings
from dialers.admin.numbers import grouped
from dialers.admin.times import HOUR, day_and_time, length
from dialers.dispatch import rates
from dialers.hours import Ceilings, ceilings
from dialers.models import Base, Dialer
from dialers.progress import UNPROCESSED, progress, rates_of
from providers import tally


def speed_words(
    base: Base,
    counts: dict[str, int],
    now: datetime,
    kept: Ceilings | None = None,
    rate: float | None = None,
) -> str:
    """Its rate, the time left, and when it will be done; "" while nothing of it moves. `counts` is its tally;
    `kept`, `rate`: its dialer's hours and its messages a second, where they were read."""
    speed = progress(base, now, counts, rate)
    if not speed.rate_per_second:
        return ""
    said = [rate_words(speed.rate_per_second)]
    if speed.seconds_left is not None:
        said.append(_left(speed.seconds_left))
        kept = kept or ceilings(base.dialer, now)
        done = openings.done_at(kept.all, speed.seconds_left, now, base.valid_until)
        said += done_words(base.dialer, done, now)
    return " · ".join(said)


def rate_words(rate: float) -> str:
    """“80 a second”, “0.5 a second”."""
    return _("%(rate)s a second") % {"rate": grouped(rate, 0 if rate >= 10 else 1)}


def done_words(dialer: Dialer, done: datetime | None, now: datetime) -> list[str]:
    """“done about 14:20”, in the dialer's zone; nothing where nobody knows."""
    if done is None:
        return []
    zone = ZoneInfo(dialer.time_zone)
    return [_("done about %(time)s") % {"time": day_and_time(done.astimezone(zone), now.astimezone(zone))}]


def speed_of_dialer(dialer: Dialer, running: Sequence[Base], kept: Ceilings, now: datetime) -> str:
    """The same of all its running bases together. Where nothing leaves yet, by the pace that is set."""
    if not running:
        return ""
    tallies = tally.read([base.pk for base in running])
    left = sum(counts[key] for counts in tallies.values() for key in UNPROCESSED)
    seen = sum(rates_of(running, now).values())
    paced = min((rate for rate in rates(dialer).values() if rate), default=0.0)
    rate = seen or paced
    said = [rate_words(seen)] if seen else []
    if left and rate:
        said += done_words(dialer, openings.done_at(kept.all, left / rate, now, None), now)
    return " · ".join(said)


def _left(seconds: int) -> str:
    if seconds >= HOUR:
        return _("%(time)s left") % {"time": length(seconds)}
    minutes = -(-seconds // 60)
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
