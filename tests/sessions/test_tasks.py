"""The tasks as a worker runs them."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from providers.models import Contact
from sessions import services, tasks
from sessions.models import ChatSession
from tests.factories import incoming, make_agent

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
