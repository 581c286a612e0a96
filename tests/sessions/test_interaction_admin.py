"""Interactions in the admin: the unrouted ones are found and assigned to a campaign."""

import pytest
from django.test import Client
from django.urls import reverse

from sessions.models import ChatSession, SessionState
from tests.factories import (
    make_agent,
    make_campaign,
    make_contact,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
LIST = "/admin/chat_sessions/chatsession/"
ASSIGN = f"{LIST}assign/"


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def test_the_unrouted_ones_are_found(supervisor: Client) -> None:
    provider = make_provider()
    make_session(make_contact(provider, "59899000001"), None)
    make_session(make_contact(provider, "59899000002"), make_campaign(provider))
    make_session(make_contact(provider, "59899000003"), None, state=SessionState.CLOSED)

    text = words(supervisor.get(LIST, {"routing": "unrouted"}))

    assert "+598 99 000 001 unrouted Assign to campaign" in text
    assert "000 002" not in text
    assert "000 003" not in text


def test_unrouted_interactions_are_assigned_to_a_campaign(supervisor: Client) -> None:
    provider = make_provider()
    campaign = make_campaign(provider)
    chosen = [make_session(make_contact(provider, f"5989900000{n}"), None) for n in (1, 2)]
    picked = {"action": "assign_to_campaign", "_selected_action": [session.pk for session in chosen]}

    asked = supervisor.post(LIST, picked, follow=True)
    assert "these 2 customers" in words(asked)
    done = supervisor.post(asked.redirect_chain[-1][0], {"campaign": campaign.pk}, follow=True)

    assert "2 interactions are in “WhatsApp” now." in words(done)
    assert set(ChatSession.objects.values_list("campaign", flat=True)) == {campaign.pk}


def test_one_that_a_campaign_already_has_says_so(supervisor: Client) -> None:
    provider = make_provider()
    session = make_session(make_contact(provider), make_campaign(provider, "Billing"))
    other = make_campaign(provider, "Other")

    answer = supervisor.post(f"{ASSIGN}?ids={session.pk}", {"campaign": other.pk}, follow=True)

    assert "This interaction is in the campaign Billing already." in words(answer)


def test_a_switched_off_campaign_is_not_offered(supervisor: Client) -> None:
    provider = make_provider()
    session = make_session(make_contact(provider), None)
    make_campaign(provider, "Asleep", enabled=False)

    assert "Asleep" not in words(supervisor.get(f"{ASSIGN}?ids={session.pk}"))


@pytest.mark.parametrize("role", ["operator", "agent"])
def test_others_neither_look_nor_assign(role: str) -> None:
    session = make_session(make_contact(make_provider()), None)
    client = signed_in(make_operator() if role == "operator" else make_agent("ana", is_staff=True))

    assert client.get(LIST).status_code == 403
    assert client.get(reverse("admin:chat_sessions_chatsession_change", args=[session.pk])).status_code == 403
    assert client.post(f"{ASSIGN}?ids={session.pk}", {"campaign": 1}).status_code == 403
