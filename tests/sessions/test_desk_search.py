"""Finding a conversation by name or number: whose, in what order, and what is offered where there is none."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact
from sessions.models import ChatSession, SessionState
from tests.factories import make_campaign, make_contact, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    """María José, who is in a conversation with Ana; another one of theirs is closed."""
    session = make_session(contact, campaign, ana, state=SessionState.ACTIVE, opened_at=timezone.now())
    make_session(contact, campaign, ana, state=SessionState.CLOSED)
    return session


def found(desk: Client, asked: str) -> str:
    response = desk.get("/desk/search/", {"q": asked}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("asked", ["maría", "josé", "3456", "+598 99 123", "099 123 456"])
def test_a_part_of_the_name_or_number_leads_to_the_open_interaction(
    desk: Client, mine: ChatSession, asked: str
) -> None:
    text = found(desk, asked)
    assert f'href="/desk/{mine.pk}/"' in text
    assert text.count("<li>") == 1


@pytest.mark.parametrize("asked", ["stranger", "59899777777"])
def test_other_campaigns_customers_are_not_found(desk: Client, mine: ChatSession, asked: str) -> None:
    other = make_campaign(mine.contact.provider, "Other")
    make_session(make_contact(other.provider, "59899777777", name="Stranger"), other)
    assert "<li>" not in found(desk, asked)


def test_what_is_open_stands_first(desk: Client, campaign: Campaign, ana: User, mine: ChatSession) -> None:
    closed = make_contact(campaign.provider, "59899000009", name="María Closed")
    make_session(closed, campaign, ana, state=SessionState.CLOSED)
    text = found(desk, "maría")
    assert text.index("María José") < text.index("María Closed")


def test_a_number_that_nobody_has_may_be_written_to(desk: Client) -> None:
    assert "number=%2B59899888777" in found(desk, "+598 99 888 777")
    assert "New conversation" not in found(desk, "nobody")
