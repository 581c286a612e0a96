"""Interactions through the API: what an agent sees and does."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, Message, Provider
from sessions.models import ChatSession, Presence, SessionState
from tests.api.conftest import API, Problem, client_of
from tests.factories import CUSTOMER, make_agent, make_campaign, make_contact, make_session, make_template

FIELDS = "id provider campaign agent contact state window_expires_at opened_at answered_at closed_at"


@pytest.fixture
def contact(provider: Provider) -> Contact:
    """Somebody who wrote an hour ago."""
    return make_contact(provider, CUSTOMER, timezone.now() - timedelta(hours=1), name="María José")


@pytest.fixture
def session(contact: Contact, campaign: Campaign) -> ChatSession:
    return make_session(contact, campaign)


@pytest.fixture
def url(session: ChatSession) -> str:
    return f"{API}sessions/{session.pk}/"


def test_an_interaction_has_the_promised_fields(
    as_agent: APIClient, url: str, provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    document = as_agent.get(url).json()
    assert document.keys() >= set(FIELDS.split())
    assert (document["provider"], document["campaign"], document["contact"]) == (
        provider.pk,
        campaign.pk,
        CUSTOMER,
    )
    assert (document["state"], document["agent"]) == ("waiting", None)
    assert parse_datetime(document["window_expires_at"]) == contact.window_expires_at
    assert as_agent.get(f"{API}sessions/").json()["results"] == [document]


def test_an_agent_takes_answers_and_closes(as_agent: APIClient, agent: User, url: str) -> None:
    taken = as_agent.post(f"{url}take/").json()
    assert (taken["state"], taken["agent"]) == ("active", agent.pk)
    answered = as_agent.post(f"{url}messages/", {"text": "How can I help?"}).json()
    assert answered["answered_at"] is not None
    message = Message.objects.get()
    assert (message.text, message.author) == ("How can I help?", agent)
    closed = as_agent.post(f"{url}close/").json()
    assert (closed["state"], closed["closed_at"] is None) == ("closed", False)


def test_a_template_may_be_the_answer(as_agent: APIClient, url: str, provider: Provider) -> None:
    make_template(provider, "reminder", "See you {{1}}")
    response = as_agent.post(f"{url}messages/", {"template": "reminder", "parameters": ["tomorrow"]})
    assert (response.status_code, response.json()["state"]) == (200, "active")
    assert Message.objects.get().text == "See you tomorrow"


def test_a_taken_interaction_names_its_holder(
    as_agent: APIClient, agent: User, campaign: Campaign, url: str, problem: Problem
) -> None:
    as_agent.post(f"{url}take/")
    late = client_of(make_agent("late", campaign))
    assert agent.username in problem(late.post(f"{url}take/"), 409, "taken")["detail"]
    assert agent.username in problem(late.post(f"{url}messages/", {"text": "Hi"}), 409, "taken")["detail"]


def test_taking_twice_is_harmless(as_agent: APIClient, url: str) -> None:
    assert as_agent.post(f"{url}take/").json() == as_agent.post(f"{url}take/").json()


def test_a_closed_interaction_takes_no_more_acts(as_agent: APIClient, url: str, problem: Problem) -> None:
    as_agent.post(f"{url}take/")
    as_agent.post(f"{url}close/")
    problem(as_agent.post(f"{url}close/"), 409, "closed")
    problem(as_agent.post(f"{url}take/"), 409, "closed")


def test_free_text_outside_the_24_hours_is_refused(
    as_agent: APIClient, url: str, contact: Contact, problem: Problem
) -> None:
    contact.last_incoming_at = timezone.now() - timedelta(hours=25)
    contact.save()
    problem(as_agent.post(f"{url}messages/", {"text": "Hello"}), 409, "window_closed")


def test_who_acts_counts_as_available_even_where_the_act_is_refused(
    as_agent: APIClient, agent: User, url: str, problem: Problem
) -> None:
    as_agent.get(url)
    assert not Presence.objects.exists()
    as_agent.post(f"{url}close/")
    assert Presence.objects.get().agent == agent


def test_an_agent_sees_nothing_of_other_campaigns(
    as_agent: APIClient, provider: Provider, session: ChatSession
) -> None:
    foreign = make_session(make_contact(provider, "59899000001"), make_campaign(provider, "Other"))
    assert [row["id"] for row in as_agent.get(f"{API}sessions/").json()["results"]] == [session.pk]
    for path in ("", "take/", "close/"):
        method = as_agent.post if path else as_agent.get
        assert method(f"{API}sessions/{foreign.pk}/{path}").status_code == 404


def test_a_supervisor_filters_interactions(
    as_supervisor: APIClient, provider: Provider, campaign: Campaign, session: ChatSession
) -> None:
    agent = make_agent("ana", campaign)
    other = make_campaign(provider, "Other")
    active = make_session(make_contact(provider, "59899000001"), campaign, agent, state=SessionState.ACTIVE)
    elsewhere = make_session(make_contact(provider, "59899000002"), other)

    def found(query: str) -> list[int]:
        return [row["id"] for row in as_supervisor.get(f"{API}sessions/?{query}").json()["results"]]

    assert found("") == [elsewhere.pk, active.pk, session.pk]
    assert found("state=active") == [active.pk]
    assert found(f"campaign={other.pk}") == [elsewhere.pk]
    assert found(f"agent={agent.pk}&state=active") == [active.pk]


def test_an_agent_writes_first_and_again_leads_to_what_is_open(
    as_agent: APIClient, agent: User, provider: Provider, campaign: Campaign
) -> None:
    make_template(provider, "reminder", "Hello {{1}}")
    body = {
        "campaign": campaign.pk,
        "number": "+598 99 123 456",
        "template": "reminder",
        "parameters": ["María"],
    }
    first, again = (as_agent.post(f"{API}sessions/", body, format="json") for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["agent"], first.json()["state"]) == (agent.pk, "active")
    assert again.json()["id"] == first.json()["id"]
    assert Message.objects.get().text == "Hello María"
