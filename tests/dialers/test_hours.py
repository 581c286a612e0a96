"""May a base send now: its own hours, the legal ones above them, its dates; and what the page says of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar, LegalHours
from dialers import hours
from dialers.admin.why import why_of
from dialers.dispatch import look_round
from dialers.models import Base, Dialer
from dialers.waiting import waiting
from providers import pace
from providers.models import Provider
from tests.dialers.files import hsm_lines, settle, started
from tests.dialers.wavy import Wavy
from tests.factories import NOW, make_base

WEDNESDAY = "wed;09:00-17:59"


@pytest.fixture
def base(dialer: Dialer) -> Base:
    return make_base(dialer)


def reread(base: Base) -> Base:
    return Base.objects.select_related("dialer__provider", "dialer__calendar").get(pk=base.pk)


def closed_on_wednesday() -> Calendar:
    calendar = Calendar.objects.create(name="Office")
    calendar.days.create(date=NOW.date(), name="Foundation day")
    return calendar


@pytest.mark.parametrize(
    ("own", "legal", "why"),
    [
        pytest.param({}, None, "", id="no legal hours"),
        pytest.param({}, {"schedule": WEDNESDAY}, "", id="inside both"),
        pytest.param({}, {"schedule": "sun;09:00-17:59"}, "legal_hours", id="inside its own only"),
        pytest.param({"schedule": "sun;00:00-23:59"}, {"schedule": WEDNESDAY}, "schedule", id="in the legal"),
        pytest.param(
            {}, {"schedule": WEDNESDAY, "time_zone": "Asia/Tokyo"}, "legal_hours", id="midnight there"
        ),
        pytest.param(
            {"schedule": WEDNESDAY, "time_zone": "Asia/Tokyo"},
            {"schedule": WEDNESDAY},
            "schedule",
            id="each in its own zone",
        ),
    ],
)
def test_a_dialer_sends_only_inside_its_own_and_the_legal_hours(
    base: Base, own: dict[str, Any], legal: dict[str, str] | None, why: str
) -> None:
    Dialer.objects.update(**(own or {"enabled": True}))
    if legal:
        LegalHours.objects.create(pk=1, **legal)

    assert hours.may_send(reread(base), NOW) == why


@pytest.mark.parametrize("whose", ["the dialer's", "the legal hours'"])
def test_a_closed_day_of_either_calendar_holds_it_back(base: Base, whose: str) -> None:
    calendar = closed_on_wednesday()
    if whose == "the dialer's":
        Dialer.objects.update(calendar=calendar)
    else:
        LegalHours.objects.create(pk=1, calendar=calendar)

    assert hours.may_send(reread(base), NOW) == "holiday"
    assert hours.may_send(reread(base), NOW + timedelta(days=1)) == ""


def test_it_asks_little_however_often(
    base: Base, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    calendar = closed_on_wednesday()
    Dialer.objects.update(calendar=calendar)
    LegalHours.objects.create(
        pk=1, calendar=Calendar.objects.create(name="Law", country="BR", subdivision="SP")
    )
    known = reread(base)

    with django_assert_max_num_queries(2):
        hours.may_send(known, NOW)


def test_an_estimate_keeps_to_the_hours_the_start_and_the_end(base: Base) -> None:
    Dialer.objects.update(schedule=WEDNESDAY)
    base = reread(base)

    assert hours.finish_estimate(base, 3600, NOW) == NOW + timedelta(hours=1)
    assert hours.finish_estimate(base, 4 * 3600, NOW) == NOW + timedelta(days=6, hours=19)
    base.start_at = NOW + timedelta(hours=1)
    assert hours.finish_estimate(base, 3600, NOW) == NOW + timedelta(hours=2)
    base.valid_until = NOW + timedelta(minutes=90)
    assert hours.finish_estimate(base, 3600, NOW) is None


def test_a_dialer_says_until_when_it_sends_and_when_next(dialer: Dialer) -> None:
    dialer.schedule = WEDNESDAY

    assert hours.open_until(dialer, NOW) == NOW + timedelta(hours=3)
    assert hours.next_opening(dialer, NOW + timedelta(hours=3)) == NOW + timedelta(days=6, hours=18)


def legal_hours_of_sunday() -> None:
    LegalHours.objects.create(pk=1, schedule="sun;09:00-17:59")


def a_holiday() -> None:
    Dialer.objects.update(calendar=closed_on_wednesday())


@pytest.mark.parametrize(
    ("arrange", "said"),
    [
        pytest.param(
            lambda: Dialer.objects.update(schedule="thu;09:00-17:59"),
            "Outside its schedule. It goes on by itself: tomorrow 09:00, time of UTC.",
            id="schedule",
        ),
        pytest.param(
            legal_hours_of_sunday,
            "Outside the legal hours, which hold for every dialer. It goes on",
            id="legal hours",
        ),
        pytest.param(
            a_holiday, "Closed today: Foundation day. It goes on by itself: tomorrow 00:00", id="holiday"
        ),
        pytest.param(
            lambda: Base.objects.update(start_at=NOW + timedelta(minutes=30)),
            "Waits for its start date: 15:30.",
            id="start date",
        ),
        pytest.param(
            lambda: pace.hold(Base.objects.get().dialer.provider_id, "pace"),
            "asks for a slower pace",
            id="420",
        ),
        pytest.param(
            lambda: pace.hold(Base.objects.get().dialer.provider_id, "provider"),
            "cannot be reached",
            id="unreachable",
        ),
        pytest.param(
            lambda: Provider.objects.update(suspended_at=NOW - timedelta(hours=2)),
            "turns away the username or password since 13:00.",
            id="credentials",
        ),
        pytest.param(
            lambda: Dialer.objects.update(time_between_messages=5000), "Waits for its pace.", id="pace"
        ),
    ],
)
def test_it_says_why_and_until_when(dialer: Dialer, arrange: Any, said: str) -> None:
    base = started(dialer, hsm_lines(2))
    arrange()

    assert said in why_of(reread(base), NOW)


def test_a_reached_daily_limit_says_when_the_next_place_is_free(wavy: Wavy, dialer: Dialer) -> None:
    Provider.objects.update(daily_limit=2)
    base = started(dialer, hsm_lines(3))
    settle(base)

    said = why_of(reread(base), NOW + timedelta(hours=1))
    assert "daily limit of 2 people is reached" in said
    assert "The next place is free tomorrow 15:00." in said


def test_what_moves_says_nothing(dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(2))

    assert waiting(reread(base), NOW) is None
    assert why_of(reread(base), NOW) == ""


def test_looking_round_reads_the_hours_once_for_all_running_bases(wavy: Wavy, dialer: Dialer) -> None:
    asked = []
    for _n in range(4):
        started(dialer, hsm_lines(1))
        with CaptureQueriesContext(connection) as queries:
            assert look_round(NOW)
        asked.append(len(queries))
    assert asked == [asked[0] + n for n in range(4)]  # each base costs the one look at its newest messages
