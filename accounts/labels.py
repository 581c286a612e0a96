"""Coloured labels and moments: how every page of the admin shows a state and a time."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

A_MINUTE = timedelta(minutes=1)
COLOURS = ("grey", "blue", "teal", "green", "amber", "red")


def label(colour: str, word: Any) -> SafeString:
    """A label in one of COLOURS with its word."""
    return format_html('<span class="label label-{}">{}</span>', colour, word)


def moment(at: datetime | None) -> SafeString | str:
    """How long ago, with the exact time on hover, in the reader's zone; a dash for never."""
    if at is None:
        return "–"
    age = timezone.now() - at
    exact = date_format(timezone.localtime(at), "DATETIME_FORMAT")
    ago = _("%(time)s ago") % {"time": timesince(at, depth=1)} if age >= A_MINUTE else _("just now")
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, ago)
