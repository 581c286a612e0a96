"""How long a base takes and how that fits the hours, in sentences."""

from datetime import datetime

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.estimates import Estimate, estimate
from dialers.models import Base

MINUTE, HOUR, DAY = 60, 3600, 86_400


def estimate_words(base: Base, now: datetime) -> list[str]:
    """The duration at the pace, what the hours make of it, and what the provider's daily limit does."""
    found = estimate(base, now)
    return [pace_words(found), *_limit(found)]


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
    return (
        ngettext(
            "%(n)s message, no pace set: %(time)s at WhatsApp's highest tier, %(rate)s a second",
            "%(n)s messages, no pace set: %(time)s at WhatsApp's highest tier, %(rate)s a second",
            found.rows,
        )
        % values
    )


def _limit(found: Estimate) -> list[str]:
    if found.people_left is None or found.people_left >= found.rows:
        return []
    left = _("The provider's daily limit leaves %(n)s new people now; the rest waits and goes on by itself.")
    return [left % {"n": _number(found.people_left)}]


def length(seconds: float) -> str:
    """Seconds as people say them: “under a minute”, “52 min”, “3 h 20 min”, “2 d 4 h”."""
    whole = round(seconds)
    if whole < MINUTE:
        return _("under a minute")
    if whole < HOUR:
        return _("%(n)d min") % {"n": -(-whole // MINUTE)}
    if whole < DAY:
        return _("%(h)d h %(m)d min") % {"h": whole // HOUR, "m": whole % HOUR // MINUTE}
    return _("%(d)d d %(h)d h") % {"d": whole // DAY, "h": whole % DAY // HOUR}


def _number(n: float, decimals: int = 0) -> str:
    text = number_format(n, decimals, use_l10n=True, force_grouping=True)
    return text.rstrip("0").rstrip(".,") if decimals else text
