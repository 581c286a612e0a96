"""Moments and lengths of time as the page says them."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86_400


def day_and_time(local: datetime, today: datetime) -> str:
    """“14:20” today, “tomorrow 10:05”, else “Mon 30 Nov 10:05”. Both times in the same zone."""
    time = date_format(local, "H:i")
    days = (local.date() - today.date()).days
    if not days:
        return time
    if days == 1:
        return _("tomorrow %(time)s") % {"time": time}
    return f"{date_format(local, 'D j M')} {time}"


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
