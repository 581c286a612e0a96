"""What a day is in a calendar: an own day, a public holiday, or an ordinary one."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import get_language

from campaigns.models import Calendar, CalendarDay
from campaigns.schedules import Day, no_days, parse_hours

NORMAL = "normal"
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


def public_holidays(country: str, subdivision: str, year: int) -> dict[date, str]:
    """The public holidays of a year by date, named in the reader's language where known; none for "" or unknown."""
    return _holidays(country, subdivision, year, get_language() or "")


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int, language: str) -> dict[date, str]:
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
        spoken = _spoken(found, language)
        if spoken:
            found = holidays.country_holidays(
                country, subdiv=subdivision or None, years=year, expand=False, language=spoken
            )
    except NotImplementedError:  # the form refuses what the library does not know
        return {}
    return {on: found[on] for on in sorted(found)}


def _spoken(found: holidays.HolidayBase, language: str) -> str | None:
    """The library's name of a language: the reader's if it is known, else the country's own."""
    wanted = language.split("-")[0].lower()
    same = [name for name in found.supported_languages if name.split("_")[0].lower() == wanted]
    return same[0] if same else found.default_language
