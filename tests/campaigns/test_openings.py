"""Openings: until when, when next, when work is done; over midnights, holidays and nights that turn the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.calendars import Days
from campaigns.openings import done_at, next_opening, open_until, openings
from campaigns.schedules import AROUND_THE_CLOCK, Hours, hours_of, is_open

OFFICE = "mon,tue,wed,thu,fri;09:00-17:59"
NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def first(hours: Hours, now: str) -> list[str]:
    """The first opening from a time on, from and to, in UTC."""
    return [f"{edge:%d %H:%M}" for edge in next(openings([hours], at(now)))]


@pytest.mark.parametrize(
    ("schedule", "zone", "now", "span"),
    [
        pytest.param(
            "sun;01:00-03:29",
            "Europe/Madrid",
            "2026-03-28T12:00Z",
            ["29 00:00", "29 01:30"],
            id="Madrid, a span through the gap",
        ),
        pytest.param(
            "sun;02:15-03:14",
            "Europe/Madrid",
            "2026-03-28T12:00Z",
            ["29 01:00", "29 01:15"],
            id="Madrid, a span that begins in the gap",
        ),
        pytest.param(
            "sun;01:30-02:29",
            "Europe/Madrid",
            "2026-03-28T12:00Z",
            ["29 00:30", "29 01:00"],
            id="Madrid, a span that ends in the gap",
        ),
        pytest.param(
            "sun;01:00-03:29",
            "Europe/Madrid",
            "2026-10-24T12:00Z",
            ["24 23:00", "25 02:30"],
            id="Madrid, through the doubled hour",
        ),
        pytest.param(
            "sun;02:00-02:29",
            "Europe/Madrid",
            "2026-10-24T12:00Z",
            ["25 00:00", "25 00:30"],
            id="Madrid, in the doubled hour, the first time",
        ),
        pytest.param(
            "sun;02:00-02:29",
            "Europe/Madrid",
            "2026-10-25T00:30Z",
            ["25 01:00", "25 01:30"],
            id="Madrid, in the doubled hour, the second time",
        ),
        pytest.param(
            "sat;22:00-01:59",
            "America/Santiago",
            "2026-09-05T12:00Z",
            ["06 02:00", "06 05:00"],
            id="Santiago, over a midnight that is not there",
        ),
        pytest.param(
            "sun;00:30-01:29",
            "America/Santiago",
            "2026-09-05T12:00Z",
            ["06 04:00", "06 04:30"],
            id="Santiago, a span that begins in that gap",
        ),
        pytest.param(
            "sat;23:00-23:59",
            "America/Santiago",
            "2026-04-04T12:00Z",
            ["05 02:00", "05 04:00"],
            id="Santiago, an hour before midnight that comes twice",
        ),
        pytest.param(
            "sat;22:00-00:29",
            "America/Santiago",
            "2026-04-04T12:00Z",
            ["05 01:00", "05 04:30"],
            id="Santiago, over that hour and midnight",
        ),
        pytest.param(
            "sun;00:00-01:59",
            "America/Sao_Paulo",
            "2018-11-03T12:00Z",
            ["04 03:00", "04 04:00"],
            id="São Paulo, when midnight was not there",
        ),
        pytest.param(
            "sat;23:00-23:59",
            "America/Sao_Paulo",
            "2018-02-17T12:00Z",
            ["18 01:00", "18 03:00"],
            id="São Paulo, when the hour before midnight came twice",
        ),
        pytest.param(
            "sun;00:00-01:59",
            "America/Sao_Paulo",
            "2026-11-07T12:00Z",
            ["08 03:00", "08 05:00"],
            id="São Paulo, which turns no clocks any more",
        ),
    ],
)
def test_a_span_is_as_long_as_the_wall_clock_makes_it(
    schedule: str, zone: str, now: str, span: list[str]
) -> None:
    assert first(hours_of(schedule, zone), now) == span


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Santiago", "America/Sao_Paulo", "UTC"])
@pytest.mark.parametrize("month", [3, 4, 9, 10])
def test_openings_agree_with_the_wall_clock_at_every_quarter_of_an_hour(zone: str, month: int) -> None:
    schedule = "sat,sun;22:30-02:29\nmon,fri;00:00-00:59,02:15-03:29,23:00-23:59"
    now = datetime(2026, month, 1, tzinfo=UTC)
    spans = list(openings([hours_of(schedule, zone)], now, timedelta(days=31)))

    quarters = [now + timedelta(minutes=15 * n) for n in range(31 * 96)]
    inside = [any(since <= quarter < until for since, until in spans) for quarter in quarters]
    assert inside == [is_open(schedule, zone, quarter) for quarter in quarters]


def test_what_is_always_open_has_no_end() -> None:
    always = [hours_of(AROUND_THE_CLOCK, "Europe/Madrid"), hours_of("", "UTC")]

    assert open_until(always, NOON) is None
    assert next_opening(always, NOON) == NOON


def test_two_ceilings_are_open_only_where_both_are() -> None:
    both = [hours_of(OFFICE, "UTC"), hours_of(OFFICE, "America/Montevideo")]

    assert open_until(both, NOON) == at("2026-03-04T18:00Z")
    assert next_opening(both, at("2026-03-04T18:00Z")) == at("2026-03-05T12:00Z")


def test_it_opens_after_the_weekend_and_the_holiday() -> None:
    office = [hours_of(OFFICE, "America/Montevideo", Days("UY", "", {}))]

    friday_night = at("2026-04-30T23:00Z")  # the first of May follows, a Friday
    assert next_opening(office, friday_night) == at("2026-05-04T12:00Z")


def test_what_never_opens_has_no_next_opening() -> None:
    closed = [hours_of("mon;09:00-09:59", "UTC"), hours_of("tue;09:00-09:59", "UTC")]

    assert next_opening(closed, NOON) is None
    assert done_at(closed, 1, NOON) is None


@pytest.mark.parametrize(
    ("hours_of_work", "done"),
    [
        pytest.param(2, "2026-03-04T14:00Z", id="today"),
        pytest.param(6, "2026-03-04T18:00Z", id="to the last minute"),
        pytest.param(7.5, "2026-03-05T10:30Z", id="tomorrow"),
        pytest.param(6 + 9 + 9 + 1, "2026-03-09T10:00Z", id="after the weekend"),
    ],
)
def test_work_goes_on_only_in_the_open_spans(hours_of_work: float, done: str) -> None:
    assert done_at([hours_of(OFFICE, "UTC")], hours_of_work * 3600, NOON) == at(done)


def test_work_that_is_not_done_in_time_has_no_end() -> None:
    office = [hours_of(OFFICE, "UTC")]

    assert done_at(office, 7 * 3600, NOON, before=at("2026-03-04T18:00Z")) is None
    assert done_at(office, 40 * 9 * 3600 * 2, NOON) is None


def test_a_walk_over_two_months_of_holidays_ends() -> None:
    closed = {date(2026, 3, 1) + timedelta(days=n): None for n in range(3)}
    year = [hours_of("mon;09:00-17:59", "UTC", Days("", "", closed))]

    assert len(list(openings(year, NOON))) == 8
