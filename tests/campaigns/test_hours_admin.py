"""The pages of calendars and of the legal hours: preview, errors beside their fields, who may do what."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Calendar, LegalHours
from tests.factories import make_dialer, make_operator, make_provider, make_supervisor
from tests.pages import filled, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/campaigns/calendar/add/"
LEGAL = "/admin/campaigns/legalhours/1/change/"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def page_of(calendar: Calendar) -> str:
    return reverse("admin:campaigns_calendar_change", args=[calendar.pk])


def test_a_calendar_is_saved_with_its_own_days_and_shows_its_year(supervisor: Client) -> None:
    year = timezone.localdate().year
    own = {"days-0-date": f"{year}-12-24", "days-0-name": "Christmas Eve", "days-0-hours": "09:00-12:59"}

    saved = supervisor.post(
        ADD,
        filled(supervisor.get(ADD), name="Office", country="BR", subdivision="sp", **own),
        follow=True,
    )

    page = words(saved)
    assert "Now choose it in a dialer, a campaign or the legal hours." in page
    assert f"{year} in this calendar" in page
    assert "24 Dec Christmas Eve 09:00-12:59" in page
    assert Calendar.objects.get().subdivision == "SP"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"country": "BR", "subdivision": "ZZ"}, "“ZZ” is not known. Known are: AC, AL, AM"),
        ({"country": "UY", "subdivision": "MO"}, "No part of this country has holidays of its own here"),
        ({"subdivision": "SP"}, "Choose its country first."),
        (
            {"days-0-date": "2026-12-24", "days-0-hours": "9-12"},
            "“9-12” is no span. Write it as 09:00-17:59.",
        ),
    ],
    ids=["an unknown part", "a country without parts", "no country", "hours that cannot be read"],
)
def test_what_is_wrong_is_said_beside_its_field(
    supervisor: Client, changes: dict[str, str], sentence: str
) -> None:
    refused = supervisor.post(ADD, filled(supervisor.get(ADD), name="Office", **changes))

    assert sentence in words(refused)
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        ("", 'value="closed" selected'),
        ("normal", 'value="normal" selected'),
        ("09:00-12:59, 14:00-17:59", 'data-until value="18:00"'),
        ("22:00-05:59", 'data-until value="06:00"'),
        ("8-9", 'value="text" selected'),
        ("01:00-02:00,03:00-04:00,05:00-06:00", 'value="text" selected'),
    ],
    ids=["closed", "ordinary", "a break", "past midnight", "unreadable", "three spans"],
)
def test_the_hours_of_an_own_day_are_chosen_by_clock(supervisor: Client, hours: str, shown: str) -> None:
    calendar = Calendar.objects.create(name="Office")
    calendar.days.create(date="2026-12-24", name="Christmas Eve", hours=hours)

    assert shown in supervisor.get(page_of(calendar)).content.decode()


@pytest.mark.parametrize("asked", ["2031", "31", "x", "99999999999", "²"])
def test_a_calendar_shows_the_year_that_was_asked_for(supervisor: Client, asked: str) -> None:
    calendar = Calendar.objects.create(name="Office", country="UY")
    year = 2031 if asked == "2031" else timezone.localdate().year

    assert f"{year} in this calendar" in words(supervisor.get(page_of(calendar), {"year": asked}))


def test_a_calendar_in_use_is_not_deleted(supervisor: Client) -> None:
    calendar = Calendar.objects.create(name="Office")
    make_dialer(make_provider(), calendar=calendar)

    refused = supervisor.post(
        f"/admin/campaigns/calendar/{calendar.pk}/delete/", {"post": "yes"}, follow=True
    )
    assert "“Office” is still used by SMS dialers." in words(refused)


def test_the_legal_hours_are_one_page_from_the_first_day(supervisor: Client) -> None:
    page = supervisor.get("/admin/campaigns/legalhours/", follow=True)
    assert page.redirect_chain == [(LEGAL, 302)]

    supervisor.post(
        LEGAL, filled(page, schedule="mon,tue,wed,thu,fri;08:00-19:59", time_zone="America/Montevideo")
    )
    kept = LegalHours.objects.get()
    assert (kept.schedule, kept.time_zone) == ("mon,tue,wed,thu,fri;08:00-19:59", "America/Montevideo")


def test_legal_hours_that_cannot_be_read_are_refused_beside_the_field(supervisor: Client) -> None:
    refused = supervisor.post(LEGAL, filled(supervisor.get(LEGAL), schedule="mon;8-20"))

    assert "“8-20” is no span. Write it as 09:00-17:59." in words(refused)


def test_operators_look_and_change_nothing() -> None:
    operator = signed_in(make_operator())
    calendar = Calendar.objects.create(name="Office", country="UY")

    assert "in this calendar" in words(operator.get(page_of(calendar)))
    assert operator.get(LEGAL).status_code == 200
    assert operator.post(page_of(calendar), {"name": "Mine"}).status_code == 403
    assert operator.post(LEGAL, {"schedule": ""}).status_code == 403
    assert operator.get(ADD).status_code == 403


def test_the_navigation_leads_there(supervisor: Client) -> None:
    page = supervisor.get("/admin/").content.decode()

    assert "/admin/campaigns/calendar/" in page
    assert "/admin/campaigns/legalhours/" in page


def test_the_list_asks_as_often_for_many_as_for_one(
    supervisor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(20):
        Calendar.objects.create(name=f"Office {n}").days.create(date="2026-12-24")

    with django_assert_max_num_queries(9):
        supervisor.get("/admin/campaigns/calendar/")


@pytest.mark.parametrize("label", ["Calendar", "Failure limit"])
def test_the_dialers_form_asks_for_them(supervisor: Client, label: str) -> None:
    make_provider()

    assert label in words(supervisor.get("/admin/dialers/dialer/add/"))
