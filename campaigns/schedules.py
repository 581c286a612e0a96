"""Weekly schedules as uContact writes them: `sun,mon,tue;00:00-23:59`, and the days on which they do not hold.

Lines or `|` separate several entries; an entry may hold several spans, separated by commas. The end minute
is included; a span whose end lies before its start crosses midnight. An empty schedule is always open.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")
Minutes = tuple[int, int]  # from, to (excluded), in minutes of a day; past 1,440 is tomorrow
NEVER = "never"  # what an empty week is painted as; an empty text is always open
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
    if text.strip().lower() == NEVER:
        raise ValidationError(
            _("Never open: choose at least one hour. To stop for a while, switch it off instead.")
        )
    parse_schedule(text)


def parse_hours(text: str) -> tuple[Minutes, ...]:
    """The spans of one day, such as `09:00-12:59, 14:00-17:59`. Raises ValidationError that names a wrong one."""
    spans = [_span(0, part.strip().lower()) for part in text.split(",")]
    return tuple((span.start, span.end) for span in spans)


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which the weekly schedule does not hold: its name, and when it is open; no spans = closed."""

    name: str
    spans: tuple[Minutes, ...] = ()


def no_days(on: date) -> Day | None:
    """The calendar in which every day is an ordinary one."""
    return None


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open: a weekly schedule on the wall clock of a zone, and the days that are different.

    A span that runs past midnight goes on into an ordinary day only: a closed day is closed from its first minute.
    """

    spans: tuple[Span, ...]
    zone: ZoneInfo
    days: Callable[[date], Day | None] = no_days

    def of(self, on: date) -> list[Minutes]:
        """The spans that begin on a day, in minutes of it."""
        special = self.days(on)
        if special:
            return list(special.spans)
        if not self.spans:
            return [(0, 1440)]
        weekday = on.weekday()
        return [(span.start, span.end) for span in self.spans if span.weekday == weekday]

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an aware time."""
        local = at.astimezone(self.zone)
        minute, today = local.hour * 60 + local.minute, local.date()
        if any(start <= minute < end for start, end in self.of(today)):
            return True
        return self.days(today) is None and any(
            minute + 1440 < end for _start, end in self.of(today - timedelta(days=1))
        )

    def special(self, at: datetime) -> Day | None:
        """What the wall clock's day is, where it is no ordinary one."""
        return self.days(at.astimezone(self.zone).date())

    def edges(self, first: datetime, last: datetime) -> Iterator[datetime]:
        """The times, in UTC, at which it may open or close from `first` to `last`; in no order, some more than once.

        Both meanings of a wall time that comes twice, and the moments at which the clocks are turned.
        """
        day, end = first.astimezone(self.zone).date() - timedelta(days=1), last.astimezone(self.zone).date()
        while day <= end:
            midnight = datetime.combine(day, time.min)
            for minutes in {0, *(edge for span in self.of(day) for edge in span)}:
                wall = midnight + timedelta(minutes=minutes)
                for fold in (0, 1):
                    yield wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)
            yield from _clock_changes(self.zone, midnight)
            day += timedelta(days=1)


def _clock_changes(zone: ZoneInfo, midnight: datetime) -> Iterator[datetime]:
    """The moment of the day after a midnight at which its clocks are turned, to the second."""
    before = midnight.replace(tzinfo=zone).astimezone(UTC)
    after = (midnight + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC)
    old, new = before.astimezone(zone).utcoffset(), after.astimezone(zone).utcoffset()
    if old == new:
        return
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    yield after


def hours_of(schedule: str, time_zone: str, days: Callable[[date], Day | None] = no_days) -> Hours:
    """The hours of a schedule. Raises ValidationError for one that cannot be read."""
    return Hours(parse_schedule(schedule), ZoneInfo(time_zone), days)


def is_open(
    schedule: str, time_zone: str, at: datetime, days: Callable[[date], Day | None] = no_days
) -> bool:
    """Whether the schedule is open at an aware time, on the wall clock of the zone."""
    return hours_of(schedule, time_zone, days).is_open(at)
