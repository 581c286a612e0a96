"""The service level: a day calculated by hand with closed hours in it, and the figures of pages, files and the API."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Calendar, CalendarDay, Campaign, Disposition
from providers.models import Provider
from sessions import figures
from sessions.figures import Figures
from sessions.models import ChatSession, Ending, Origin, SessionState
from sessions.service_level import MARKED, mark_abandoned, mark_answered
from tests.factories import (
    make_agent,
    make_campaign,
    make_contact,
    make_operator,
    make_session,
    make_supervisor,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
# A Wednesday. The campaign is open from 9 to 18 with a break from 13 to 14, in Montevideo (UTC-3).
DAY = date(2026, 3, 4)
SCHEDULE = "mon,tue,wed,thu,fri;09:00-12:59,14:00-17:59"
LIMIT = 300


def at(clock: str, days: int = 0) -> datetime:
    """A time of the day on the campaign's wall clock."""
    hour, minute, second = (int(part) for part in f"{clock}:00".split(":")[:3])
    return datetime(2026, 3, 4, hour + 3, minute, second, tzinfo=UTC) + timedelta(days=days)


@pytest.fixture
def clinic(provider: Provider) -> Campaign:
    return make_campaign(
        provider, "Clinic", schedule=SCHEDULE, time_zone="America/Montevideo", service_level=LIMIT
    )


def came(campaign: Campaign, opened: datetime, **fields: Any) -> ChatSession:
    contact = make_contact(campaign.provider, f"59899{ChatSession.objects.count():06}")
    return make_session(contact, campaign, opened_at=opened, **fields)


def answered(campaign: Campaign, agent: User, opened: datetime, then: datetime) -> ChatSession:
    session = came(campaign, opened, state=SessionState.ACTIVE, agent=agent)
    mark_answered(session, agent, then)
    session.save(update_fields=[*MARKED])
    return session


def abandoned(campaign: Campaign, opened: datetime, then: datetime) -> ChatSession:
    session = came(campaign, opened, state=SessionState.CLOSED, closed_at=then)
    mark_abandoned(session, then)
    session.save(update_fields=[*MARKED])
    return session


def whole_day(clinic: Campaign, agent: User) -> None:
    """Seven answered, of which five within 300 s; three abandoned, of which two within; one still waits."""
    answered(clinic, agent, at("09:00"), at("09:01"))  # 60 s
    answered(clinic, agent, at("10:00"), at("10:05"))  # 300 s, the limit itself
    answered(clinic, agent, at("10:10"), at("10:15:01"))  # 301 s: late
    answered(clinic, agent, at("12:58"), at("14:01"))  # 120 s before the break, 60 s after it
    answered(clinic, agent, at("13:20"), at("14:02"))  # 120 s: came in the break
    answered(clinic, agent, at("08:00"), at("09:10"))  # 600 s: came before the opening; late
    answered(clinic, agent, at("17:59"), at("09:01", days=1))  # 60 s today, 60 s tomorrow
    abandoned(clinic, at("11:00"), at("11:02"))  # 120 s
    abandoned(clinic, at("13:05"), at("13:50"))  # 0 s: all of it in the break
    abandoned(clinic, at("15:00"), at("16:00"))  # 3,600 s
    came(clinic, at("17:00"))


@pytest.fixture
def day(clinic: Campaign) -> User:
    ana = make_agent("ana", clinic, first_name="Ana")
    whole_day(clinic, ana)
    return ana


BY_HAND = Figures(
    offered=11,
    answered=7,
    answered_in_time=5,
    abandoned=3,
    abandoned_in_time=2,
    asa=240,  # (60 + 300 + 301 + 180 + 120 + 600 + 120) ÷ 7 = 240.14
    longest=3600,
)


def test_a_day_calculated_by_hand(clinic: Campaign, day: User) -> None:
    found = figures.of_all(figures.offered(at("00:00"), at("00:00", days=1), [clinic.pk]))
    assert found == BY_HAND
    assert (found.sl1, found.sl2) == (5 / 7, 7 / 10)


@pytest.mark.parametrize(
    ("opened", "then", "waited"),
    [
        pytest.param(at("09:00"), at("09:00"), 0, id="at once"),
        pytest.param(at("12:59"), at("14:00"), 60, id="only the last minute before the break"),
        pytest.param(at("20:00"), at("08:00", days=1), 0, id="a night"),
        pytest.param(at("17:00", days=2), at("10:00", days=5), 7200, id="over a weekend"),
        pytest.param(at("09:00"), at("18:00"), 8 * 3600, id="a whole day"),
    ],
)
def test_the_clock_runs_only_inside_the_schedule(
    clinic: Campaign, opened: datetime, then: datetime, waited: int
) -> None:
    assert answered(clinic, make_agent("ana"), opened, then).waited == waited


def test_a_holiday_of_the_calendar_is_no_open_time(clinic: Campaign) -> None:
    clinic.calendar = Calendar.objects.create(name="Office")
    clinic.save()
    CalendarDay.objects.create(calendar=clinic.calendar, date=DAY, name="Closed")
    assert answered(clinic, make_agent("ana"), at("10:00"), at("09:10", days=1)).waited == 600


def test_a_campaign_without_a_schedule_is_always_open(provider: Provider) -> None:
    always = make_campaign(provider, "Always", schedule="")
    assert answered(always, make_agent("ana"), at("02:00"), at("04:00")).waited == 7200


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"ending": Ending.KEYWORD, "state": SessionState.CLOSED}, id="a keyword answered"),
        pytest.param({"origin": Origin.AGENT}, id="an agent wrote first"),
        pytest.param({"origin": Origin.RESCHEDULED}, id="rescheduled"),
    ],
)
def test_what_no_agent_was_asked_for_counts_as_neither(clinic: Campaign, fields: dict[str, Any]) -> None:
    came(clinic, at("10:00"), **fields)
    assert figures.of_all(figures.offered(at("00:00"), at("00:00", days=1), [clinic.pk])) == Figures()


def test_without_anything_to_divide_by_there_is_no_share(clinic: Campaign) -> None:
    came(clinic, at("10:00"))
    found = figures.of_all(figures.offered(at("00:00"), at("00:00", days=1), [clinic.pk]))
    assert (found.offered, found.sl1, found.sl2, found.asa) == (1, None, None, None)


def test_one_that_moved_on_counts_where_it_was_answered(clinic: Campaign, provider: Provider) -> None:
    other = make_campaign(provider, "Other")
    session = answered(clinic, make_agent("ana"), at("10:00"), at("10:01"))
    ChatSession.objects.filter(pk=session.pk).update(campaign=other)
    found = figures.by_campaign(figures.offered(at("00:00"), at("00:00", days=1)))
    assert {key: of.answered for key, of in found.items()} == {clinic.pk: 1}


def test_a_later_change_of_the_limit_rewrites_no_past(clinic: Campaign, day: User) -> None:
    Campaign.objects.filter(pk=clinic.pk).update(service_level=1, schedule="")
    assert figures.of_all(figures.offered(at("00:00"), at("00:00", days=1), [clinic.pk])) == BY_HAND


def api(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        pytest.param({"from": "2026-03-04", "to": "2026-03-04"}, 11, id="a day, in the campaign's zone"),
        pytest.param({"from": "2026-03-04T09:00:00-03:00", "to": "2026-03-04T10:05:00-03:00"}, 2, id="times"),
        pytest.param({"from": "2026-03-04T09:00:00", "to": "2026-03-04T10:05:00"}, 2, id="its wall clock"),
        pytest.param({"from": "2026-03-05"}, 0, id="until now"),
    ],
)
def test_the_api_tells_a_campaigns_service_level(
    clinic: Campaign, day: User, query: dict[str, str], offered: int
) -> None:
    told = api(make_supervisor()).get(f"/api/v1/campaigns/{clinic.pk}/service-level/", query).json()
    assert told["offered"] == offered
    if offered == BY_HAND.offered:
        assert (told["answered"], told["abandoned"], told["asa"]) == (7, 3, 240)
        assert (told["sl1"], told["sl2"]) == (pytest.approx(5 / 7), 0.7)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        pytest.param({"from": "yesterday"}, "from", id="no time"),
        pytest.param({"to": "2026-02-30"}, "to", id="no day"),
        pytest.param({"from": "2026-03-05", "to": "2026-03-03"}, "to", id="backwards"),
        pytest.param({"to": "9999-12-31"}, "to", id="beyond the last day"),
    ],
)
def test_the_api_says_which_time_is_wrong(clinic: Campaign, query: dict[str, str], field: str) -> None:
    response = api(make_supervisor()).get(f"/api/v1/campaigns/{clinic.pk}/service-level/", query)
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_the_api_shows_it_to_nobody_without_the_role(clinic: Campaign, day: User) -> None:
    path = f"/api/v1/campaigns/{clinic.pk}/service-level/"
    assert [api(user).get(path).status_code for user in (day, make_operator())] == [403, 200]


@pytest.fixture
def supervisor(db: None) -> Client:
    return signed_in(make_supervisor())


def asked(client: Client, clinic: Campaign, **more: str) -> Any:
    query = {"campaign": str(clinic.pk), "from": "2026-03-04", "to": "2026-03-04", "step": "hour", **more}
    return client.get("/board/level/", query)


def test_the_page_shows_the_day_by_hour_and_agent(clinic: Campaign, day: User, supervisor: Client) -> None:
    text = words(asked(supervisor, clinic))
    assert (
        "Offered 11 Answered 7 Abandoned 3 SL1 71 % SL2 70 % Speed of answer 4:00 Longest wait 1 h 00" in text
    )
    assert "Ana 7 71 % 4:00 10:00" in text


def test_a_disposition_has_its_figures_with_its_levels(
    clinic: Campaign, day: User, supervisor: Client
) -> None:
    sold = Disposition.objects.create(campaign=clinic, name="Sold")
    below = Disposition.objects.create(campaign=clinic, name="At once", parent=sold)
    newest = ChatSession.objects.filter(answered_at__isnull=False).order_by("-id").first()
    assert newest
    ChatSession.objects.filter(pk=newest.pk).update(state=SessionState.CLOSED, disposition=below)
    assert "Sold › At once 1 1 0 100 % 100 %" in words(asked(supervisor, clinic))


def test_a_table_is_a_file_that_excel_opens(clinic: Campaign, day: User, supervisor: Client) -> None:
    response = asked(supervisor, clinic, part="agents", file="csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert text[1:] == ["Ana,7,7,5,0,0,71,71,240,600", "all,11,7,5,3,2,71,70,240,3600"]
    book = asked(supervisor, clinic, part="intervals", file="xlsx")
    assert b"".join(book.streaming_content).startswith(b"PK")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        pytest.param(
            {"from": "2026-03-05"}, "Choose a first day that is not after the last one", id="backwards"
        ),
        pytest.param({"from": "2020-01-01"}, "31 days at most", id="too long"),
        pytest.param({"to": "soon"}, "“soon” is no day", id="no day"),
        pytest.param({"campaign": "999999"}, "There is no such campaign", id="no campaign"),
    ],
)
def test_the_page_says_what_to_enter_instead(
    clinic: Campaign, supervisor: Client, query: dict[str, str], sentence: str
) -> None:
    response = asked(supervisor, clinic, **query)
    assert response.status_code == 400
    assert sentence in words(response)


def test_the_pages_are_for_supervisors(clinic: Campaign) -> None:
    operator = signed_in(make_operator())
    for path in ("/board/level/", f"/board/{clinic.pk}/"):
        assert operator.get(path).status_code == 403
