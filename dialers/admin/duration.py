"""How long a base takes and how that fits the hours, in sentences."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers import hours
from dialers.admin.numbers import grouped
from dialers.admin.times import day_and_time, length
from dialers.estimates import Estimate, estimate
from dialers.models import Base


def estimate_words(base: Base, now: datetime) -> list[str]:
    """The duration at the pace, what the hours make of it, and what the provider's daily limit does."""
    found = estimate(base, now)
    return [pace_words(found), fit_words(base, found.seconds, now), *_limit(found)]


def pace_words(found: Estimate) -> str:
    """“250,000 messages at 80 a second: 52 min”."""
    values = {
        "n": _number(found.rows),
        "rate": _number(found.rate, 0 if found.rate >= 10 else 2),
        "time": length(found.seconds),
    }
    if found.paced:
        return (
            ngettext(
                "%(n)s message at %(rate)s a second: %(time)s",
                "%(n)s messages at %(rate)s a second: %(time)s",
                found.rows,
            )
            % values
        )
    if not found.tier:
        return (
            ngettext(
                "%(n)s message, no pace set: %(time)s at %(rate)s a second",
                "%(n)s messages, no pace set: %(time)s at %(rate)s a second",
                found.rows,
            )
            % values
        )
    return (
        ngettext(
            "%(n)s message, no pace set: %(time)s at WhatsApp's highest tier, %(rate)s a second",
            "%(n)s messages, no pace set: %(time)s at WhatsApp's highest tier, %(rate)s a second",
            found.rows,
        )
        % values
    )


def fit_words(base: Base, seconds: float, now: datetime) -> str:
    """How the duration fits the hours if it is started now, in the dialer's zone."""
    zone = ZoneInfo(base.dialer.time_zone)
    begins = hours.next_opening(base.dialer, max(now, base.start_at or now))
    if begins is None:
        return _("The hours leave no time to send within two months: look at the dialer's schedule.")
    done = hours.finish_estimate(base, seconds, now)
    if done is None and base.valid_until:
        until = day_and_time(base.valid_until.astimezone(zone), now.astimezone(zone))
        return _("Not done before %(until)s, when it is valid no more: what is left then is not sent.") % {
            "until": until
        }
    if done is None:
        return _("Not done within two months at this pace and in these hours.")
    values = {"done": day_and_time(done.astimezone(zone), now.astimezone(zone))}
    if begins > now:
        values["begins"] = day_and_time(begins.astimezone(zone), now.astimezone(zone))
        return _("Begins %(begins)s, done about %(done)s.") % values
    if done.astimezone(zone).date() > now.astimezone(zone).date():
        return _("Does not fit today: done about %(done)s.") % values
    closes = hours.open_until(base.dialer, now)
    if closes is None:
        return _("Done about %(done)s.") % values
    values["closes"] = day_and_time(closes.astimezone(zone), now.astimezone(zone))
    return _("Inside the hours until %(closes)s, done about %(done)s.") % values


def _limit(found: Estimate) -> list[str]:
    if found.people_left is None or found.people_left >= found.rows:
        return []
    left = _("The provider's daily limit leaves %(n)s new people now; the rest waits and goes on by itself.")
    return [left % {"n": _number(found.people_left)}]


def _number(n: float, decimals: int = 0) -> str:
    text = grouped(n, decimals)
    return text.rstrip("0").rstrip(".,") if decimals else text
