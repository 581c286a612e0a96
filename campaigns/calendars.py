"""What a day is in a calendar: an own day, a public holiday, or an ordinary one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.models import Calendar, CalendarDay
from campaigns.models.hours import NORMAL
from campaigns.public_holidays import public_holidays
from campaigns.schedules import Day, no_days, parse_hours

AHEAD = timedelta(days=70)  # how far ahead own days are read


@dataclass(frozen=True, slots=True)
class Days:
    """A calendar as it was when it was read: `own` days win over public holidays; None there is an ordinary day."""

    country: str
    subdivision: str
    own: Mapping[date, Day | None]

    def __call__(self, on: date) -> Day | None:
        if on in self.own:
            return self.own[on]
        name = public_holidays(self.country, self.subdivision, on.year).get(on)
        return Day(name) if name else None


def days_of(calendars: Collection[Calendar], now: datetime) -> dict[int, Days]:
    """The days of calendars by id, from the day before yesterday to ten weeks ahead. One query."""
    if not calendars:
        return {}
    own: dict[int, dict[date, Day | None]] = {calendar.pk: {} for calendar in calendars}
    entries = CalendarDay.objects.filter(
        calendar__in=[*own], date__gte=now.date() - timedelta(days=2), date__lte=now.date() + AHEAD
    )
    for entry in entries:
        own[entry.calendar_id][entry.date] = what_it_is(entry)
    return {
        calendar.pk: Days(calendar.country, calendar.subdivision, own[calendar.pk]) for calendar in calendars
    }


def days_at(calendar: Calendar | None, now: datetime) -> Callable[[date], Day | None]:
    """The days of one calendar, or of none. One query where there is one."""
    return days_of([calendar], now)[calendar.pk] if calendar else no_days


def what_it_is(entry: CalendarDay) -> Day | None:
    """An own day: None for an ordinary one."""
    text = entry.hours.strip().lower()
    if text == NORMAL:
        return None
    try:
        return Day(entry.name, parse_hours(text) if text else ())
    except ValidationError:  # only a row written past the form; nothing may leave on a day nobody understands
        return Day(entry.name)


@dataclass(frozen=True, slots=True)
class Entry:
    """A day of a calendar as a list shows it."""

    date: date
    name: str
    hours: str
    colour: str
    own: bool = False


def year_of(calendar: Calendar, year: int) -> list[Entry]:
    """Every day of a year that is no ordinary one, and the own days that make a holiday one. One query."""
    named = public_holidays(calendar.country, calendar.subdivision, year)
    entries = {on: Entry(on, name, pgettext("hours", "closed"), "red") for on, name in named.items()}
    for own in calendar.days.filter(date__year=year):
        name = own.name or named.get(own.date, "")
        day = what_it_is(own)
        if day is None:
            entries[own.date] = Entry(own.date, name, _("as any other day"), "green", own=True)
        elif day.spans:
            entries[own.date] = Entry(own.date, name, own.hours, "amber", own=True)
        else:
            entries[own.date] = Entry(own.date, name, pgettext("hours", "closed"), "red", own=True)
    return [entries[on] for on in sorted(entries)]
