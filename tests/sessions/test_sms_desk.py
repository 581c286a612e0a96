"""The desk over SMS: a composer without window and templates, and answers that leave at any time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign
from providers.callbacks import drain as draining
from providers.models import Message, Provider, Template
from providers.models.callback import CallbackKind
from sessions.models import ChatSession, SessionState
from sessions.routing import route
from tests.api.conftest import API
from tests.factories import (
    NOW,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_provider,
    make_session,
)
from tests.pages import signed_in, words
from tests.providers.scenes import clock, stored

pytestmark = pytest.mark.django_db
SHORT_CODE, ANA = "28149", "59899123456"


@pytest.fixture
def provider() -> Provider:
    provider = make_provider("Wavy SMS", SHORT_CODE, api_type="WavySMS", sms_from="")
    Template.objects.create(
        provider=provider, code="reminder", language="en", body="Hello {{1}}", parameters=1
    )
    return provider


@pytest.fixture
def campaign(provider: Provider) -> Campaign:
    return make_campaign(provider, "SMS", dids=(SHORT_CODE,))


@pytest.fixture
def session(provider: Provider, campaign: Campaign) -> ChatSession:
    """Active, its customer's last message two days old."""
    agent = make_agent("maria", campaign)
    contact = make_contact(provider, ANA)
    incoming(contact, at=timezone.now() - timedelta(days=2))
    return make_session(contact, campaign, agent, state=SessionState.ACTIVE)


@pytest.fixture
def maria(session: ChatSession) -> Client:
    assert session.agent is not None
    return signed_in(session.agent)


def page(client: Client, session: ChatSession) -> str:
    return client.get(reverse("desk:session", args=[session.pk])).content.decode()


def test_the_composer_takes_text_days_after_the_last_message(maria: Client, session: ChatSession) -> None:
    shown = page(maria, session)
    assert 'id="composer" data-mode="text"' in shown
    assert 'maxlength="1280"' in shown


@pytest.mark.parametrize("absent", ["24-hour session", "Use a template", "Choose a template", "countdown"])
def test_nothing_is_said_of_window_and_templates(maria: Client, session: ChatSession, absent: str) -> None:
    assert absent not in page(maria, session)


def test_the_composer_counts_segments_by_the_alphabet_of_the_page(
    maria: Client, session: ChatSession
) -> None:
    shown = page(maria, session)
    assert 'id="segments"' in shown
    assert 'data-limits="160 153 70 67"' in shown
    assert "desk/segments.js" in shown


def test_over_whatsapp_no_segments_are_counted(
    maria: Client, session: ChatSession, provider: Provider
) -> None:
    Provider.objects.update(api_type="WavyWhatsapp")
    shown = page(maria, session)
    assert "segments" not in shown
    assert "24-hour session ended" in shown


def test_an_answer_leaves_at_any_time(maria: Client, session: ChatSession) -> None:
    sent = maria.post(
        reverse("desk:send-text", args=[session.pk]), {"text": "We are here", "submission": uuid4()}
    )
    assert sent.status_code == 200
    assert (Message.objects.get(direction=1).text, Message.objects.get(direction=1).did) == (
        "We are here",
        SHORT_CODE,
    )


def test_an_answer_that_is_too_long_says_so(maria: Client, session: ChatSession) -> None:
    sent = maria.post(
        reverse("desk:send-text", args=[session.pk]), {"text": "x" * 1281, "submission": uuid4()}
    )
    assert sent.status_code == 400
    assert "1281 characters; 1,280 are allowed" in words(sent)


def test_a_template_is_refused_by_the_api_with_the_reason(session: ChatSession) -> None:
    client = APIClient()
    client.force_authenticate(session.agent)
    answer = client.post(
        f"{API}sessions/{session.pk}/messages/", {"template": "reminder", "parameters": ["x"]}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "no_templates")


def test_the_api_shows_no_end_of_a_window(session: ChatSession) -> None:
    client = APIClient()
    client.force_authenticate(session.agent)
    assert client.get(f"{API}sessions/{session.pk}/").json()["window_expires_at"] is None


def test_an_incoming_sms_goes_to_the_campaign_of_its_short_code(campaign: Campaign) -> None:
    body = {"id": "in-1", "source": ANA, "shortCode": SHORT_CODE, "messageText": "Hola"}
    stored(campaign.provider, CallbackKind.MESSAGE, body)
    draining.drain(CallbackKind.MESSAGE, clock())
    route(NOW)
    assert ChatSession.objects.get().campaign == campaign


def test_who_writes_outside_the_hours_reads_the_text_by_sms(campaign: Campaign) -> None:
    campaign.schedule, campaign.out_of_time = "sun;00:00-00:01", "We are back tomorrow."
    campaign.save()
    incoming(make_contact(campaign.provider, ANA), did=SHORT_CODE)
    route(NOW)
    assert Message.objects.get(direction=1).text == "We are back tomorrow."
