"""Calendars: public holidays of a place, own days that win, and what they do to a schedule."""

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from campaigns.calendars import Days, days_at, year_of
from campaigns.models import Calendar, CalendarDay
from campaigns.public_holidays import public_holidays
from campaigns.schedules import Day, Hours, hours_of, parse_hours
from tests.factories import NOW

OFFICE = "mon,tue,wed,thu,fri;09:00-17:59"
CHRISTMAS = date(2026, 12, 25)  # a Friday
CLOSED, SHORT = Day("Party"), Day("Short", parse_hours("10:00-11:59, 14:00-14:59"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def uruguay(schedule: str = OFFICE, **own: Day | None) -> Hours:
    """Hours in Montevideo; own days as d2026_12_25=…"""
    days = {date.fromisoformat(key[1:].replace("_", "-")): day for key, day in own.items()}
    return hours_of(schedule, "America/Montevideo", Days("UY", "", days))


@pytest.mark.parametrize(
    ("hours", "when", "wanted"),
    [
        pytest.param(uruguay(), "2026-12-24T15:00Z", True, id="the day before"),
        pytest.param(uruguay(), "2026-12-25T15:00Z", False, id="a public holiday"),
        pytest.param(uruguay(), "2026-12-26T02:00Z", False, id="still the holiday there"),
        pytest.param(uruguay(d2026_12_25=None), "2026-12-25T15:00Z", True, id="an own day: as any other"),
        pytest.param(uruguay(d2026_12_24=CLOSED), "2026-12-24T15:00Z", False, id="an own day: closed"),
        pytest.param(uruguay(d2026_12_24=SHORT), "2026-12-24T13:30Z", True, id="an own day: its first hours"),
        pytest.param(uruguay(d2026_12_24=SHORT), "2026-12-24T15:30Z", False, id="between its hours"),
        pytest.param(uruguay(d2026_12_24=SHORT), "2026-12-24T17:59Z", True, id="its last minute"),
        pytest.param(uruguay(d2026_12_25=SHORT), "2026-12-25T13:30Z", True, id="hours on a public holiday"),
        pytest.param(uruguay(d2026_12_26=SHORT), "2026-12-26T13:30Z", True, id="hours on a closed weekday"),
        pytest.param(uruguay(""), "2026-12-25T15:00Z", False, id="a holiday of what is always open"),
        pytest.param(uruguay("thu;22:00-02:00"), "2026-12-25T04:00Z", False, id="a night into a holiday"),
        pytest.param(uruguay("fri;22:00-02:00"), "2026-12-26T04:00Z", False, id="a night out of a holiday"),
        pytest.param(
            uruguay("fri;22:00-02:00", d2026_12_25=None), "2026-12-26T04:00Z", True, id="a night that holds"
        ),
    ],
)
def test_own_days_win_over_holidays_and_both_over_the_schedule(hours: Hours, when: str, wanted: bool) -> None:
    assert hours.is_open(at(when)) is wanted


def test_a_part_of_a_country_adds_its_own_holidays() -> None:
    revolution = date(2026, 7, 9)

    assert revolution in public_holidays("BR", "SP", 2026)
    assert revolution not in public_holidays("BR", "RJ", 2026)


@pytest.mark.parametrize(("language", "name"), [("en", "Christmas Day"), ("pt-br", "Natal"), ("es", "Natal")])
def test_holidays_are_named_in_the_readers_language_or_the_countrys(language: str, name: str) -> None:
    with translation.override(language):
        assert public_holidays("BR", "", 2026)[CHRISTMAS] == name


@pytest.mark.parametrize(
    ("hours", "day"),
    [
        pytest.param("", Day("Own"), id="closed"),
        pytest.param("normal", None, id="as any other"),
        pytest.param(" Normal ", None, id="as any other, with blanks"),
        pytest.param("09:00-12:59", Day("Own", ((540, 780),)), id="special hours"),
        pytest.param("nine to one", Day("Own"), id="what nobody understands is closed"),
    ],
)
def test_an_own_day_of_the_database_is_read(db: None, hours: str, day: Day | None) -> None:
    calendar = Calendar.objects.create(name="Office", country="UY")
    CalendarDay.objects.create(calendar=calendar, date=NOW.date(), name="Own", hours=hours)

    assert days_at(calendar, NOW)(NOW.date()) == day


def test_without_a_calendar_every_day_is_an_ordinary_one() -> None:
    assert days_at(None, NOW)(CHRISTMAS) is None


def test_a_year_lists_holidays_and_own_days(db: None) -> None:
    calendar = Calendar.objects.create(name="Office", country="UY")
    calendar.days.create(date=CHRISTMAS, hours="normal")
    calendar.days.create(date=date(2026, 12, 24), name="Christmas Eve", hours="09:00-11:59")

    listed = {entry.date: (entry.hours, entry.colour) for entry in year_of(calendar, 2026)}
    assert listed[date(2026, 1, 1)] == ("closed", "red")
    assert listed[date(2026, 12, 24)] == ("09:00-11:59", "amber")
    assert listed[CHRISTMAS] == ("as any other day", "green")


@pytest.mark.parametrize(
    ("country", "subdivision", "field", "part"),
    [
        pytest.param(
            "XX", "", "country", "The holidays of “XX” are not known. Known are: AD, AE", id="country"
        ),
        pytest.param("BR", "ZZ", "subdivision", "“ZZ” is not known. Known are: AC, AL", id="part"),
        pytest.param("UY", "MO", "subdivision", "leave it empty", id="a country without parts"),
        pytest.param("", "SP", "subdivision", "Choose its country first", id="a part of nothing"),
    ],
)
def test_a_place_that_is_not_known_is_refused_and_says_which_are(
    country: str, subdivision: str, field: str, part: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        Calendar(name="Office", country=country, subdivision=subdivision).clean()
    assert part in refused.value.message_dict[field][0]
