"""Weekly schedules on the wall clock of their zone: ends included, midnight crossed, clocks turned."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from campaigns.schedules import AROUND_THE_CLOCK, Span, is_open, parse_schedule, validate_schedule

WEEK = {"mon": 2, "tue": 3, "wed": 4, "thu": 5, "fri": 6, "sat": 7, "sun": 8}  # days of March 2026


def utc(day: str, clock: str) -> datetime:
    """That clock time, UTC, on a day of the week of 2 March 2026."""
    return datetime.fromisoformat(f"2026-03-{WEEK[day]:02d}T{clock}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "day", "clock", "wanted"),
    [
        pytest.param("wed;09:00-17:59", "wed", "08:59:59", False, id="a second too early"),
        pytest.param("wed;09:00-17:59", "wed", "09:00:00", True, id="the first minute"),
        pytest.param("wed;09:00-17:59", "wed", "17:59:59", True, id="the end minute is included"),
        pytest.param("wed;09:00-17:59", "wed", "18:00:00", False, id="the minute after it"),
        pytest.param("wed;09:00-17:59", "thu", "12:00", False, id="another day"),
        pytest.param("wed;12:00-12:00", "wed", "12:00:30", True, id="one minute"),
        pytest.param("wed;12:00-12:00", "wed", "12:01", False, id="one minute and no more"),
        pytest.param(
            "sun,mon,tue;00:00-23:59", "sun", "23:59:59", True, id="the guide's form, its last second"
        ),
        pytest.param("sun,mon,tue;00:00-23:59", "wed", "00:00", False, id="the guide's form, the day after"),
        pytest.param("fri;22:00-02:00", "fri", "23:00", True, id="before midnight"),
        pytest.param("fri;22:00-02:00", "sat", "02:00:59", True, id="after midnight, the end minute"),
        pytest.param("fri;22:00-02:00", "sat", "02:01", False, id="after midnight, too late"),
        pytest.param("fri;22:00-02:00", "fri", "01:00", False, id="the night before is Thursday's"),
        pytest.param("sun;22:00-02:00", "mon", "01:00", True, id="from Sunday into Monday"),
        pytest.param("fri;22:00-21:59", "sat", "21:59", True, id="a whole day that crosses midnight"),
        pytest.param("mon;09:00-10:00\nwed;11:00-12:00", "wed", "11:30", True, id="the second line"),
        pytest.param("mon;09:00-10:00|wed;11:00-12:00", "wed", "11:30", True, id="a bar between entries"),
        pytest.param(
            "mon;09:00-10:00\r\nwed;11:00-12:00\r\n", "wed", "12:01", False, id="lines of a browser"
        ),
        pytest.param("wed;09:00-10:00,14:00-15:00", "wed", "14:30", True, id="the second span of a day"),
        pytest.param("wed;09:00-10:00,14:00-15:00", "wed", "12:00", False, id="between two spans"),
        pytest.param(" WED , Thu ; 09:00-10:00 ", "thu", "09:30", True, id="blanks and capitals"),
        pytest.param("", "wed", "03:00", True, id="empty is always"),
        pytest.param(" \n ", "wed", "03:00", True, id="blank is always"),
        pytest.param(AROUND_THE_CLOCK, "sun", "23:59:59", True, id="around the clock"),
    ],
)
def test_it_is_open_when_its_lines_say_so(schedule: str, day: str, clock: str, wanted: bool) -> None:
    assert is_open(schedule, "UTC", utc(day, clock)) is wanted


@pytest.mark.parametrize(
    ("schedule", "zone", "at", "wanted"),
    [
        pytest.param("wed;09:00-17:59", "America/Montevideo", "2026-03-04T11:59Z", False, id="UTC-3, 08:59"),
        pytest.param("wed;09:00-17:59", "America/Montevideo", "2026-03-04T12:00Z", True, id="UTC-3, 09:00"),
        pytest.param(
            "tue;20:00-23:59", "America/Montevideo", "2026-03-04T02:59Z", True, id="still Tuesday there"
        ),
        pytest.param("thu;00:00-01:00", "Asia/Tokyo", "2026-03-04T15:30Z", True, id="Thursday there already"),
        pytest.param(
            "wed;09:00-17:59", "UTC", "2026-03-04T14:59-03:00", True, id="an aware time of another zone"
        ),
        pytest.param("sun;09:00-10:00", "Europe/Madrid", "2026-03-29T07:30Z", True, id="summer time: 09:30"),
        pytest.param("sun;09:00-10:00", "Europe/Madrid", "2026-03-29T08:30Z", False, id="summer time: 10:30"),
        pytest.param(
            "sun;01:30-03:30", "Europe/Madrid", "2026-03-29T00:59Z", True, id="before the lost hour: 01:59"
        ),
        pytest.param(
            "sun;01:30-03:30", "Europe/Madrid", "2026-03-29T01:00Z", True, id="after the lost hour: 03:00"
        ),
        pytest.param(
            "sun;02:00-02:59", "Europe/Madrid", "2026-03-29T01:00Z", False, id="the lost hour never opens"
        ),
        pytest.param(
            "sun;02:00-02:29", "Europe/Madrid", "2026-10-25T00:15Z", True, id="the doubled hour, once"
        ),
        pytest.param(
            "sun;02:00-02:29", "Europe/Madrid", "2026-10-25T01:15Z", True, id="the doubled hour, twice"
        ),
        pytest.param(
            "sun;02:00-02:29", "Europe/Madrid", "2026-10-25T00:45Z", False, id="the doubled hour, between"
        ),
        pytest.param("sun;09:00-10:00", "Europe/Madrid", "2026-10-25T08:30Z", True, id="winter time: 09:30"),
        pytest.param(
            "sat;22:00-02:30", "Europe/Madrid", "2026-10-25T01:30Z", True, id="a night over the doubled hour"
        ),
        pytest.param(
            "sat;22:00-03:00", "Europe/Madrid", "2026-03-29T01:00Z", True, id="a night over the lost hour"
        ),
    ],
)
def test_the_wall_clock_of_the_zone_decides(schedule: str, zone: str, at: str, wanted: bool) -> None:
    assert is_open(schedule, zone, datetime.fromisoformat(at)) is wanted


@pytest.mark.parametrize(
    ("schedule", "part"),
    [
        pytest.param("09:00-17:59", "write days;hours", id="no days"),
        pytest.param("mon", "write days;hours", id="no hours"),
        pytest.param("lun;09:00-17:59", "“lun” is no day", id="another language"),
        pytest.param("mon,;09:00-17:59", "“” is no day", id="a comma too many"),
        pytest.param(";09:00-17:59", "“” is no day", id="nothing before the semicolon"),
        pytest.param("mon;", "“” is no span", id="nothing after the semicolon"),
        pytest.param("mon;9:00-17:59", "“9:00-17:59” is no span", id="one digit"),
        pytest.param("mon;09:00-24:00", "“09:00-24:00” is no span", id="hour 24"),
        pytest.param("mon;09:60-10:00", "“09:60-10:00” is no span", id="minute 60"),
        pytest.param("mon;09:00", "“09:00” is no span", id="no end"),
        pytest.param("mon;09:00-10:00;tue", "is no span", id="a column too many"),
        pytest.param("mon;09:00-10:00\nwed 9-12", "“wed 9-12”", id="the second line"),
    ],
)
def test_a_schedule_that_cannot_be_read_names_the_part(schedule: str, part: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_schedule(schedule)
    assert part in caught.value.messages[0]


def test_a_span_over_midnight_runs_into_tomorrow() -> None:
    assert parse_schedule("mon;22:00-02:00") == (Span(0, 22 * 60, 26 * 60 + 1),)
