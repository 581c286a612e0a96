"""The desk's lists: what is unread in them, what is special about a line, which one stands in front."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact
from sessions import routing, services
from sessions.models import ChatSession, SessionState, Transfer, TransferEnding
from tests.factories import incoming, make_agent

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(campaign: Campaign, contact: Contact) -> ChatSession:
    """María José has just written and waits."""
    incoming(contact, "Hello! May I come at three?", at=timezone.now())
    routing.route(timezone.now())
    return ChatSession.objects.get()


def page(client: Client, session: ChatSession, **query: Any) -> str:
    response = client.get(reverse("desk:session", args=[session.pk]), query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def line_of(client: Client, session: ChatSession) -> str:
    text = client.get("/desk/changes/?list=", headers=HTMX).content.decode()
    return text[text.index(f'id="line-{session.pk}"') :].split("</a>", 1)[0]


def test_what_the_agent_has_not_seen_is_counted_until_they_look(
    desk: Client, ana: User, session: ChatSession
) -> None:
    services.take(session, ana, timezone.now())
    incoming(session.contact, "Or at four?", at=timezone.now())
    routing.route(timezone.now())
    assert 'data-unread="2"' in line_of(desk, session)
    last = session.turns.latest("id").message_id
    address = reverse("desk:read", args=[session.pk])
    assert "desk:changed" in desk.post(address, {"up-to": last}).headers["HX-Trigger"]
    assert 'data-unread="0"' in line_of(desk, session)
    desk.post(address, {"up-to": last - 1})
    session.refresh_from_db()
    assert session.read_up_to == last


def test_who_only_looks_at_what_waits_reads_it_for_nobody(desk: Client, session: ChatSession) -> None:
    desk.post(reverse("desk:read", args=[session.pk]), {"up-to": 10**12})
    session.refresh_from_db()
    assert session.read_up_to == 0
    assert 'data-unread="1"' in line_of(desk, session)


@pytest.mark.parametrize(
    ("state", "tab"),
    [
        pytest.param(SessionState.WAITING, "pending", id="what waits"),
        pytest.param(SessionState.ACTIVE, "active", id="what the agent holds"),
    ],
)
def test_the_list_of_the_open_interaction_is_in_front(
    desk: Client, ana: User, session: ChatSession, state: SessionState, tab: str
) -> None:
    if state == SessionState.ACTIVE:
        services.take(session, ana, timezone.now())
    assert f'class="lists" data-tab="{tab}"' in page(desk, session)


def test_what_came_back_and_what_is_passed_on_says_so(
    desk: Client, campaign: Campaign, ana: User, session: ChatSession
) -> None:
    bea = make_agent("bea", campaign, first_name="Bea")
    ChatSession.objects.update(agent=ana)
    sent = Transfer.objects.create(
        session=session, sender=bea, sender_campaign=campaign, to_agent=ana, at=timezone.now()
    )
    assert "Bea passes María José on to you." in line_of(desk, session)
    now = timezone.now()
    Transfer.objects.filter(pk=sent.pk).update(
        sender=ana, to_agent=bea, ended_at=now, ending=TransferEnding.RETURNED
    )
    line = line_of(desk, session)
    assert "María José came back to you: Bea did not answer." in line
    assert "came back from Bea" in line
