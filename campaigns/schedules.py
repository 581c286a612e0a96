"""Weekly schedules as uContact writes them: `sun,mon,tue;00:00-23:59`.

Lines or `|` separate several entries; an entry may hold several spans, separated by commas. The end minute
is included; a span whose end lies before its start crosses midnight. An empty schedule is always open.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
AROUND_THE_CLOCK = "mon,tue,wed,thu,fri,sat,sun;00:00-23:59"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end`, in minutes of the day of `weekday` (0 = Monday); an end past 1,440 is tomorrow's."""

    weekday: int
    start: int
    end: int


def parse_schedule(text: str) -> tuple[Span, ...]:
    """The spans of a schedule. Raises ValidationError that names the part that is wrong."""
    spans: list[Span] = []
    for entry in filter(None, (part.strip() for part in re.split(r"[\n|]", text.lower()))):
        days, separator, hours = entry.partition(";")
        if not separator:
            raise ValidationError(
                _("“%(entry)s”: write days;hours, such as mon,tue;09:00-17:59."), params={"entry": entry}
            )
        for day in (part.strip() for part in days.split(",")):
            if day not in DAYS:
                raise ValidationError(
                    _("“%(day)s” is no day. Use mon, tue, wed, thu, fri, sat and sun."), params={"day": day}
                )
            spans.extend(_span(DAYS.index(day), hour.strip()) for hour in hours.split(","))
    return tuple(spans)


def _span(weekday: int, text: str) -> Span:
    match = SPAN.match(text)
    if not match:
        raise ValidationError(_("“%(text)s” is no span. Write it as 09:00-17:59."), params={"text": text})
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return Span(weekday, start, (end if end >= start else end + 1440) + 1)


def validate_schedule(text: str) -> None:
    """A Django validator over `parse_schedule`."""
    parse_schedule(text)


def is_open(schedule: str, time_zone: str, at: datetime) -> bool:
    """Whether the schedule is open at an aware time, on the wall clock of the zone."""
    spans = parse_schedule(schedule)
    if not spans:
        return True
    local = at.astimezone(ZoneInfo(time_zone))
    minute = local.hour * 60 + local.minute
    today = local.weekday()
    yesterday = (local - timedelta(days=1)).weekday()
    return any(
        (span.weekday == today and span.start <= minute < span.end)
        or (span.weekday == yesterday and minute + 1440 < span.end)
        for span in spans
    )
