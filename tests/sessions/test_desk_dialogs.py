"""The desk's dialogs: transferring and closing, with nothing lost where one of them says no."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.models import Contact, Provider
from sessions import presence
from sessions.models import ChatSession, SessionState
from tests.factories import make_agent, make_campaign, make_provider, make_session

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bea(campaign: Campaign) -> User:
    bea = make_agent("bea", campaign, first_name="Bea")
    presence.seen(bea, timezone.now())
    return bea


@pytest.fixture
def session(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


def act(client: Client, session: ChatSession, name: str, **fields: Any) -> HttpResponse:
    response = client.post(reverse(f"desk:{name}", args=[session.pk]), fields, headers=HTMX)
    session.refresh_from_db()
    return response  # type: ignore[return-value]


def said(response: Any) -> str:
    return " ".join(response.content.decode().split())


def choices(desk: Client, session: ChatSession) -> str:
    return said(desk.get(reverse("desk:transfer-ask", args=[session.pk]), headers=HTMX))


def choice(text: str, value: str) -> str:
    start = text.index(f'value="{value}"')
    return text[start : text.index("</label>", start)]


def test_the_colleagues_who_may_get_it_stand_there_with_how_they_are(
    desk: Client, session: ChatSession, campaign: Campaign, ana: User, bea: User
) -> None:
    away = make_agent("zoe", campaign)
    make_session(
        Contact.objects.create(provider=campaign.provider, contact="1"), campaign, bea, state="active"
    )
    text = choices(desk, session)
    assert "1 open" in choice(text, f"agent-{bea.pk}")
    assert "disabled" in choice(text, f"agent-{away.pk}")
    assert "not there" in choice(text, f"agent-{away.pk}")
    assert f"agent-{ana.pk}" not in text


def test_campaigns_of_another_number_are_not_offered(
    desk: Client, session: ChatSession, provider: Provider, bea: User
) -> None:
    sales = make_campaign(provider, "Sales")
    elsewhere = make_campaign(make_provider("Other", "5511900000009"), "Elsewhere")
    make_agent("seller", sales)
    text = choices(desk, session)
    assert "nobody there" in choice(text, f"campaign-{sales.pk}")
    assert f"campaign-{elsewhere.pk}" not in text


def test_a_transfer_leads_back_and_says_to_whom(desk: Client, session: ChatSession, bea: User) -> None:
    response = act(desk, session, "transfer", to=f"agent-{bea.pk}", note="She asks for Tuesday")
    assert response.headers["HX-Redirect"] == "/desk/"
    assert "María José was transferred to Bea." in said(desk.get("/desk/"))
    assert (session.agent, session.state) == (bea, SessionState.WAITING)
    assert session.transfers.get().note == "She asks for Tuesday"


def test_to_a_campaign_it_waits_there(desk: Client, session: ChatSession, provider: Provider) -> None:
    sales = make_campaign(provider, "Sales")
    act(desk, session, "transfer", to=f"campaign-{sales.pk}")
    assert (session.agent, session.campaign) == (None, sales)


@pytest.mark.parametrize(
    ("to", "status", "sentence"),
    [
        pytest.param("", 400, "Choose an agent or a campaign first.", id="nobody"),
        pytest.param("agent-x", 400, "Choose an agent or a campaign first.", id="nonsense"),
        pytest.param("paused", 409, "Bea is paused.", id="who has just paused"),
    ],
)
def test_a_refused_transfer_keeps_what_was_typed(
    desk: Client, session: ChatSession, ana: User, bea: User, to: str, status: int, sentence: str
) -> None:
    presence.pause(bea, None, timezone.now())
    to = f"agent-{bea.pk}" if to == "paused" else to
    response = act(desk, session, "transfer", to=to, note="half <typed>")
    assert response.status_code == status
    assert sentence in said(response)
    assert "half &lt;typed&gt;</textarea>" in said(response)
    assert session.agent == ana


def test_without_dispositions_it_closes_at_once(desk: Client, session: ChatSession) -> None:
    assert act(desk, session, "close").headers["HX-Redirect"] == "/desk/"
    assert session.state == SessionState.CLOSED


@pytest.fixture
def dispositions(campaign: Campaign) -> dict[str, Disposition]:
    sold = Disposition.objects.create(campaign=campaign, name="Sold")
    made = {"sold": sold}
    made["at once"] = Disposition.objects.create(campaign=campaign, name="At once", parent=sold)
    made["old"] = Disposition.objects.create(campaign=campaign, name="Old", parent=sold, enabled=False)
    made["lost"] = Disposition.objects.create(campaign=campaign, name="Lost")
    return made


def test_where_there_are_dispositions_the_dialog_offers_those_without_others_below(
    desk: Client, session: ChatSession, dispositions: dict[str, Disposition]
) -> None:
    response = act(desk, session, "close")
    assert response.headers["HX-Retarget"] == "#dialog-body"
    text = said(response)
    offered = {name for name, one in dispositions.items() if f'name="disposition" value="{one.pk}"' in text}
    assert offered == {"at once", "lost"}
    assert session.state == SessionState.ACTIVE


def test_closing_keeps_disposition_comment_and_the_time_in_the_campaigns_zone(
    desk: Client, session: ChatSession, campaign: Campaign, dispositions: dict[str, Disposition]
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(time_zone="America/Montevideo")
    chosen, day = dispositions["at once"], (timezone.now() + timedelta(days=400)).date()
    fields = {"disposition": chosen.pk, "comment": "Calls back", "reschedule_at": f"{day}T09:30"}
    response = act(desk, session, "close", asked=1, **fields)
    assert response.headers["HX-Redirect"] == "/desk/"
    assert (session.disposition, session.comment) == (chosen, "Calls back")
    assert session.reschedule_at is not None
    assert session.reschedule_at.strftime("%H:%M") == "12:30"


@pytest.mark.parametrize(
    ("fields", "beside", "sentence"),
    [
        pytest.param({}, "disposition-wrong", "Choose a disposition", id="none where one is asked for"),
        pytest.param(
            {"disposition": "sold"}, "disposition-wrong", "has others below it", id="one that goes on below"
        ),
        pytest.param(
            {"disposition": "lost", "reschedule_at": "2020-01-01T10:00"},
            "again-wrong",
            "still to come",
            id="a time that is over",
        ),
        pytest.param(
            {"disposition": "lost", "reschedule_at": "tomorrow"},
            "again-wrong",
            "Enter a day and a time.",
            id="no time",
        ),
    ],
)
def test_what_does_not_do_is_said_beside_it_and_nothing_typed_is_lost(
    desk: Client,
    session: ChatSession,
    campaign: Campaign,
    dispositions: dict[str, Disposition],
    fields: dict[str, str],
    beside: str,
    sentence: str,
) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(disposition_modal=True)
    given: dict[str, Any] = {**fields, "comment": "kept <so>"}
    if "disposition" in given:
        given["disposition"] = dispositions[given["disposition"]].pk
    response = act(desk, session, "close", asked=1, **given)
    text = said(response)
    assert response.status_code in (400, 409)
    assert sentence in text[text.index(f'id="{beside}"') :]
    assert "kept &lt;so&gt;</textarea>" in text
    assert session.state == SessionState.ACTIVE
