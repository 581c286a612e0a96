"""The tasks as a worker runs them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from providers.models import Contact, Provider
from sessions import services, tasks
from sessions.models import ChatSession, SessionState
from tests.factories import incoming, make_agent, make_contact, make_session

pytestmark = pytest.mark.django_db


def test_a_customers_message_reaches_an_agent(campaign: Campaign, contact: Contact) -> None:
    ana = make_agent("ana", campaign)
    services.seen(ana, timezone.now())
    incoming(contact)
    tasks.route()
    tasks.assign()
    assert ChatSession.objects.get().agent == ana


def test_with_nothing_to_do_nothing_happens(campaign: Campaign) -> None:
    tasks.route()
    tasks.assign()
    assert not ChatSession.objects.exists()


def test_who_waits_for_too_long_reads_so(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(max_time_in_queue=60, queue_text="All our agents are busy.")
    now = timezone.now()
    session = make_session(
        make_contact(provider, last_incoming_at=now), campaign, queued_at=now - timedelta(minutes=2)
    )
    tasks.relieve_queues()
    assert [turn.message.text for turn in session.turns.all()] == ["All our agents are busy."]


def test_what_a_disabled_agent_holds_goes_back_within_a_second(
    campaign: Campaign, contact: Contact, settings: Any
) -> None:
    ana = make_agent("ana", campaign, is_active=False)
    make_session(contact, campaign, ana, state=SessionState.ACTIVE)
    tasks.take_back()
    assert ChatSession.objects.get().agent is None
    assert settings.CELERY_BEAT_SCHEDULE["sessions.take_back"]["schedule"] <= 1


def test_what_had_no_message_for_too_long_is_closed(campaign: Campaign, contact: Contact) -> None:
    Campaign.objects.update(close_after=10)
    long_ago = timezone.now() - timedelta(minutes=11)
    ana = make_agent("ana", campaign)
    make_session(contact, campaign, ana, state=SessionState.ACTIVE, answered_at=long_ago, active_at=long_ago)
    tasks.when_due()
    assert ChatSession.objects.get().state == SessionState.CLOSED
