"""Coloured labels and moments: how every page of the admin shows a state and a time."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

A_MINUTE = timedelta(minutes=1)
COLOURS = ("grey", "blue", "teal", "green", "amber", "red")


def label(colour: str, word: Any) -> SafeString:
    """A label in one of COLOURS with its word."""
    return format_html('<span class="label label-{}">{}</span>', colour, word)


def moment(at: datetime | None, zone: str = "") -> SafeString | str:
    """How long ago, or in how long, with the exact time on hover in the named zone (that of a campaign or a
    dialer), else in the reader's; a dash for never."""
    if at is None:
        return "–"
    local = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    exact = date_format(local, "DATETIME_FORMAT")
    if zone:
        exact = _("%(time)s (%(zone)s)") % {"time": exact, "zone": zone}
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, _relative(at, timezone.now())
    )


def _relative(at: datetime, now: datetime) -> str:
    if abs(now - at) < A_MINUTE:
        return _("just now")
    if at > now:
        return _("in %(time)s") % {"time": timeuntil(at, now, depth=1)}
    return _("%(time)s ago") % {"time": timesince(at, now, depth=1)}
