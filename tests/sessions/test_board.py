"""What the supervisors' live board counts, how it colours, who may watch it, and that it stays cheap."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Calendar, Campaign, Member
from providers.models import Provider
from sessions import services
from sessions.board import Board, CampaignLine, Queue, board
from sessions.figures import Figures
from sessions.models import ChatSession, Presence, SessionState
from sessions.staff import Staff
from tests.factories import (
    NOW,
    make_agent,
    make_campaign,
    make_contact,
    make_operator,
    make_session,
    make_supervisor,
    make_user,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def came(campaign: Campaign, provider: Provider, ago: float, **fields: Any) -> ChatSession:
    """An interaction that came so many seconds before NOW, waiting unless the fields say more."""
    number = f"59899{ChatSession.objects.count():06}"
    opened = NOW - timedelta(seconds=ago)
    return make_session(make_contact(provider, number), campaign, opened_at=opened, **fields)


def ended(campaign: Campaign, provider: Provider, at: datetime, answer_after: float | None) -> ChatSession:
    """A closed interaction, answered so many seconds after it came, or never."""
    session = came(campaign, provider, 0, state=SessionState.CLOSED)
    session.opened_at = at - timedelta(seconds=answer_after or 60)
    session.answered_at = None if answer_after is None else at
    session.closed_at, session.served_in = at, campaign
    session.waited = int((at - session.opened_at).total_seconds())
    session.save()
    return session


def line_of(campaign: Campaign, now: datetime = NOW) -> CampaignLine:
    return next(line for line in board(now).lines if line.id == campaign.pk)


@pytest.fixture
def supervisor(db: None) -> Client:
    return signed_in(make_supervisor())


def test_it_counts_who_waits_and_for_how_long_offered_ones_too(
    campaign: Campaign, provider: Provider
) -> None:
    ana = make_agent("ana", campaign)
    came(campaign, provider, 40)
    came(campaign, provider, 70, agent=ana)
    came(campaign, provider, 300, agent=ana, state=SessionState.ACTIVE)
    came(campaign, provider, 900, state=SessionState.CLOSED, closed_at=NOW)
    assert line_of(campaign).queue == Queue(waiting=2, since=NOW - timedelta(seconds=70), active=1)


def test_an_agent_counts_as_present_as_long_as_they_would_be_given_something(campaign: Campaign) -> None:
    here, gone, left, moved, never = (make_agent("", campaign) for _ in range(5))
    for agent, ago in ((here, 5), (gone, 61), (left, 5), (moved, 5)):
        services.seen(agent, NOW - timedelta(seconds=ago))
    User.objects.filter(id=left.pk).update(is_active=False)
    moved.groups.clear()
    assert Presence.objects.filter(agent=never).count() == 0
    assert line_of(campaign).staff == Staff(free=1, members=3)


def test_who_has_two_roles_is_one_agent(campaign: Campaign) -> None:
    both = make_user("both", Role.AGENTS, Role.SUPERVISORS)
    Member.objects.create(campaign=campaign, agent=both)
    services.seen(both, NOW)
    assert line_of(campaign).staff == Staff(free=1, members=1)


def test_it_counts_answered_and_abandoned_and_the_average_speed_of_answer(
    campaign: Campaign, provider: Provider
) -> None:
    ended(campaign, provider, NOW, answer_after=20)
    ended(campaign, provider, NOW, answer_after=41)
    ended(campaign, provider, NOW, answer_after=None)
    came(campaign, provider, 60)
    day = line_of(campaign).day
    assert (day.offered, day.answered, day.abandoned, day.asa) == (4, 2, 1, 30)


def test_an_answered_one_counts_before_it_is_closed(campaign: Campaign, provider: Provider) -> None:
    came(campaign, provider, 60, state=SessionState.ACTIVE, answered_at=NOW, waited=12, in_time=True)
    assert line_of(campaign).day == Figures(offered=1, answered=1, answered_in_time=1, asa=12, longest=12)


@pytest.mark.parametrize(
    ("time_zone", "now", "counted"),
    [
        pytest.param("UTC", datetime(2026, 3, 4, 2, 30, tzinfo=UTC), 1, id="today at Greenwich"),
        pytest.param(
            "America/Montevideo", datetime(2026, 3, 4, 2, 30, tzinfo=UTC), 2, id="still yesterday there"
        ),
        pytest.param("Asia/Tokyo", datetime(2026, 3, 4, 15, 30, tzinfo=UTC), 0, id="already tomorrow there"),
    ],
)
def test_the_day_begins_at_midnight_in_the_campaigns_time_zone(
    provider: Provider, time_zone: str, now: datetime, counted: int
) -> None:
    campaign = make_campaign(provider, time_zone=time_zone)
    make_campaign(provider, "Elsewhere", time_zone="Pacific/Honolulu")
    for hour in (4, 26):  # on the 3rd at 4:00 and on the 4th at 2:00 in UTC
        at = datetime(2026, 3, 3, tzinfo=UTC) + timedelta(hours=hour)
        ended(campaign, provider, at, answer_after=10)
        ended(campaign, provider, at, answer_after=None)
    day = line_of(campaign, now).day
    assert (day.answered, day.abandoned) == (counted, counted)


@pytest.mark.parametrize(
    ("service_level", "ago", "urgency"),
    [
        pytest.param(60, 60, "", id="within"),
        pytest.param(60, 61, "late", id="above"),
        pytest.param(60, 120, "late", id="twice"),
        pytest.param(60, 121, "very-late", id="above twice"),
        pytest.param(0, 9000, "", id="no service level"),
    ],
)
def test_the_longest_wait_is_held_against_the_service_level(
    provider: Provider, service_level: int, ago: int, urgency: str
) -> None:
    campaign = make_campaign(provider, service_level=service_level)
    came(campaign, provider, 1)
    came(campaign, provider, ago)
    assert line_of(campaign).urgency == urgency


@pytest.mark.parametrize(
    ("ago", "colour", "word"),
    [
        pytest.param(10, 'class=""', '<small class="word"></small>', id="within"),
        pytest.param(90, 'class="late"', "▲ late</small>", id="above"),
        pytest.param(500, 'class="very-late"', "▲▲ very late</small>", id="above twice"),
    ],
)
def test_a_wait_above_the_service_level_is_told_by_a_colour_and_a_word(
    supervisor: Client, campaign: Campaign, provider: Provider, ago: int, colour: str, word: str
) -> None:
    make_session(make_contact(provider), campaign, opened_at=timezone.now() - timedelta(seconds=ago))
    text = supervisor.get("/board/").content.decode()
    row = text[text.index(f'id="campaign-{campaign.pk}"') : text.index("</tbody>")]
    assert colour in row
    assert word in row


def test_who_waits_where_nobody_is_present_is_told(
    supervisor: Client, campaign: Campaign, provider: Provider
) -> None:
    ana = make_agent("ana", campaign)
    came(campaign, provider, 1)
    assert "0 · 0 · 0 ▲ nobody here" in words(supervisor.get("/board/"))
    services.seen(ana, timezone.now())
    text = words(supervisor.get("/board/"))
    assert "1 · 0 · 0 of 1" in text
    assert "nobody here" not in text


def test_the_page_shows_each_figure_of_a_campaign(
    supervisor: Client, campaign: Campaign, provider: Provider
) -> None:
    now = timezone.now()
    answered = ended(campaign, provider, now, answer_after=125)
    ended(campaign, provider, now, answer_after=None)
    make_session(answered.contact, campaign, opened_at=now - timedelta(seconds=4000))
    text = words(supervisor.get("/board/"))
    assert "WhatsApp service level 1:00" in text
    figures = text[text.index("WhatsApp service level") : text.index("▲ late the longest")]
    assert (
        "Waiting 1 Longest wait 1 h 06 ▲▲ very late Agents 0 · 0 · 0 ▲ nobody here SL1 0 % SL2 0 %"
        " Answered 1 Abandoned 1 Speed of answer 2:05" in figures
    )


def test_unrouted_ones_are_counted_apart(supervisor: Client, campaign: Campaign, provider: Provider) -> None:
    assert "0 unrouted: every message found its campaign" in words(supervisor.get("/board/"))
    make_session(make_contact(provider), None, opened_at=timezone.now() - timedelta(hours=1, minutes=5))
    page = supervisor.get("/board/")
    assert "▲ 1 unrouted · longest wait 1 h 05" in words(page)
    assert 'href="/desk/#unrouted"' in page.content.decode()
    assert line_of(campaign, timezone.now()).queue == Queue()


def test_a_disabled_campaign_stays_while_something_is_open_in_it(provider: Provider) -> None:
    make_campaign(provider, "Idle", enabled=False)
    closing = make_campaign(provider, "Closing", enabled=False)
    came(closing, provider, 5)
    assert [line.name for line in board(NOW).lines] == ["Closing"]


def test_lines_keep_their_order_by_name(provider: Provider) -> None:
    for name in ("Sales", "Billing", "Turnos"):
        make_campaign(provider, name)
    came(Campaign.objects.get(name="Turnos"), provider, 500)
    assert [line.name for line in board(NOW).lines] == ["Billing", "Sales", "Turnos"]


def test_without_a_campaign_the_page_says_what_to_do(supervisor: Client) -> None:
    page = supervisor.get("/board/")
    assert "There is no campaign yet" in words(page)
    assert 'href="/admin/campaigns/campaign/add/"' in page.content.decode()
    assert board(NOW) == Board((), Queue())


def version_of(text: str) -> str:
    return text.split('name="v" value="', 1)[1].split('"', 1)[0]


def test_a_poll_answers_only_when_a_figure_changed(
    supervisor: Client, campaign: Campaign, provider: Provider
) -> None:
    shown = version_of(supervisor.get("/board/").content.decode())
    assert supervisor.get("/board/figures/", {"v": shown}, headers=HTMX).status_code == 204
    make_session(make_contact(provider), campaign, opened_at=timezone.now())
    news = supervisor.get("/board/figures/", {"v": shown}, headers=HTMX)
    assert news.status_code == 200
    text = news.content.decode()
    assert text.startswith('<div id="figures"')
    assert supervisor.get("/board/figures/", {"v": version_of(text)}, headers=HTMX).status_code == 204


def test_a_wait_that_passes_the_service_level_changes_the_board(
    campaign: Campaign, provider: Provider
) -> None:
    came(campaign, provider, 50)
    assert board(NOW).version == board(NOW + timedelta(seconds=9)).version
    assert board(NOW).version != board(NOW + timedelta(seconds=11)).version


def test_watching_makes_nobody_present(campaign: Campaign) -> None:
    supervisor = make_supervisor()
    Member.objects.create(campaign=campaign, agent=supervisor)
    signed_in(supervisor).get("/board/")
    signed_in(supervisor).get("/board/figures/", headers=HTMX)
    assert line_of(campaign, timezone.now()).staff == Staff(members=1)


@pytest.mark.parametrize("path", ["/board/", "/board/figures/"])
@pytest.mark.parametrize("make", [make_agent, make_operator], ids=["agent", "operator"])
def test_it_is_for_supervisors_and_the_others_find_a_way_back(
    campaign: Campaign, make: Any, path: str
) -> None:
    response = signed_in(make("somebody")).get(path)
    assert response.status_code == 403
    assert "The board is for supervisors" in words(response)
    assert 'href="/"' in response.content.decode()
    assert campaign.name not in words(response)


def test_signed_out_leads_to_the_login_page(client: Client) -> None:
    assert client.get("/board/").headers["Location"] == "/login/?next=/board/"
    poll = client.get("/board/figures/", headers={**HTMX, "HX-Current-URL": "http://testserver/board/"})
    assert poll.headers["HX-Redirect"] == "/login/?next=/board/"


def test_a_supervisor_finds_the_board_from_the_configuration_and_back(supervisor: Client) -> None:
    assert 'href="/board/"' in supervisor.get("/admin/").content.decode()
    text = supervisor.get("/board/").content.decode()
    assert 'href="/admin/"' in text
    assert 'href="/desk/"' in text


@pytest.mark.parametrize(
    ("make", "path"),
    [pytest.param(make_operator, "/admin/", id="operator"), pytest.param(make_agent, "/desk/", id="agent")],
)
def test_who_may_not_watch_it_is_not_led_there(db: None, make: Any, path: str) -> None:
    page = signed_in(make("somebody")).get(path)
    assert page.status_code == 200
    assert 'href="/board/"' not in page.content.decode()


def test_a_supervisor_without_the_configuration_gets_no_link_into_it(
    campaign: Campaign, provider: Provider
) -> None:
    page = signed_in(make_user("watcher", Role.SUPERVISORS)).get("/board/")
    assert "WhatsApp" in words(page)
    assert 'href="/admin/' not in page.content.decode()


def test_a_click_on_a_campaign_opens_its_agents_and_its_queue(supervisor: Client, provider: Provider) -> None:
    campaign = make_campaign(provider, id=12345)
    ana = make_agent("ana", campaign)
    make_agent("bruno", campaign)
    services.seen(ana, timezone.now())
    came(campaign, provider, 5, agent=ana)
    assert 'href="/board/12345/"' in supervisor.get("/board/").content.decode()
    text = words(supervisor.get("/board/12345/"))
    assert text.index("ana free") < text.index("bruno offline")
    assert "+598 99 000 000 ana" in text


def test_a_name_is_shown_as_written(supervisor: Client, provider: Provider) -> None:
    make_campaign(provider, "<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in supervisor.get("/board/").content.decode()


def test_the_board_costs_the_same_for_one_campaign_and_for_many(
    supervisor: Client, provider: Provider
) -> None:
    zones = ("UTC", "America/Montevideo", "America/Sao_Paulo", "Europe/Madrid")
    office = Calendar.objects.create(name="Office")

    def fill(n: int) -> None:
        other = make_campaign(provider, f"Campaign {n}", time_zone=zones[n % 4], calendar=office)
        services.seen(make_agent("", other), timezone.now())
        came(other, provider, n)
        ended(other, provider, timezone.now(), answer_after=20)

    def asked(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            supervisor.get(path, headers=HTMX)
        return len(queries)

    fill(0)
    before = [asked(path) for path in ("/board/", "/board/figures/")]
    for n in range(1, 31):
        fill(n)
    assert [asked(path) for path in ("/board/", "/board/figures/")] == before
    assert max(before) <= 10  # who signed in and their roles cost three
