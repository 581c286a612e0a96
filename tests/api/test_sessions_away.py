"""Through the API: transfers, dispositions, and pauses."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.models import Provider
from sessions.models import ChatSession, PauseReason, Presence, SessionState, Transfer
from tests.api.conftest import API, Problem, client_of
from tests.factories import make_agent, make_campaign, make_contact, make_session


@pytest.fixture
def session(provider: Provider, campaign: Campaign, agent: User) -> ChatSession:
    return make_session(make_contact(provider), campaign, agent, state=SessionState.ACTIVE)


@pytest.fixture
def url(session: ChatSession) -> str:
    return f"{API}sessions/{session.pk}/"


def test_an_agent_transfers_to_a_colleague(as_agent: APIClient, url: str, campaign: Campaign) -> None:
    bea = make_agent("bea", campaign)
    passed = as_agent.post(f"{url}transfer/", {"agent": bea.pk, "note": "Speaks Portuguese"}).json()
    assert (passed["state"], passed["agent"], Transfer.objects.get().note) == (
        *("waiting", bea.pk),
        "Speaks Portuguese",
    )
    assert client_of(bea).post(f"{url}take/").json()["state"] == "active"


def test_an_agent_transfers_to_a_campaign_that_they_do_not_see(
    as_agent: APIClient, url: str, provider: Provider
) -> None:
    sales = make_campaign(provider, "Sales")
    response = as_agent.post(f"{url}transfer/", {"campaign": sales.pk})
    assert (response.status_code, response.json()["campaign"], response.json()["agent"]) == (
        200,
        sales.pk,
        None,
    )
    assert as_agent.get(url).status_code == 404


@pytest.mark.parametrize("body", [{}, {"note": "x"}, {"agent": 0}, {"campaign": "no"}, {"both": True}])
def test_a_transfer_without_one_target_is_refused(
    as_agent: APIClient, agent: User, campaign: Campaign, url: str, body: dict[str, object], problem: Problem
) -> None:
    if "both" in body:
        body = {"agent": agent.pk, "campaign": campaign.pk}
    problem(as_agent.post(f"{url}transfer/", body), 400, "invalid")


def test_a_transfer_that_cannot_be_says_why(
    as_agent: APIClient, agent: User, campaign: Campaign, url: str, problem: Problem
) -> None:
    problem(as_agent.post(f"{url}transfer/", {"agent": agent.pk}), 409, "transfer_to_self")
    problem(as_agent.post(f"{url}transfer/", {"campaign": campaign.pk}), 409, "same_campaign")
    colleague = client_of(make_agent("late", campaign))
    problem(colleague.post(f"{url}transfer/", {"agent": agent.pk}), 403, "not_holder")


def test_an_interaction_is_closed_with_its_disposition(
    as_agent: APIClient, url: str, campaign: Campaign, problem: Problem
) -> None:
    Campaign.objects.update(disposition_modal=True)
    sold = Disposition.objects.create(campaign=campaign, name="Sold")
    problem(as_agent.post(f"{url}close/"), 409, "disposition_required")
    later = timezone.now() + timedelta(days=1)
    body = {"disposition": sold.pk, "comment": "Two of them", "reschedule_at": later.isoformat()}
    closed = as_agent.post(f"{url}close/", body).json()
    assert (
        closed["state"],
        closed["disposition"],
        closed["comment"],
        closed["ending"],
        closed["origin"],
    ) == (
        *("closed", sold.pk),
        *("Two of them", "person", "customer"),
    )
    assert closed["reschedule_at"] is not None
    assert {"waited", "in_time"} <= closed.keys()


def test_an_agent_pauses_and_goes_on(as_agent: APIClient, agent: User) -> None:
    lunch = PauseReason.objects.create(name="A late lunch")
    paused = as_agent.post(f"{API}presence/pause/", {"reason": lunch.pk}).json()
    assert (paused["agent"], paused["status"], paused["reason"]["name"]) == (
        agent.pk,
        "paused",
        "A late lunch",
    )
    assert as_agent.post(f"{API}presence/resume/").json()["status"] == "available"


def test_a_supervisor_sends_somebody_to_pause_and_an_agent_does_not(
    as_agent: APIClient, as_supervisor: APIClient, agent: User, campaign: Campaign, problem: Problem
) -> None:
    assert as_supervisor.post(f"{API}presence/pause/", {"agent": agent.pk}).json()["agent"] == agent.pk
    assert Presence.objects.get(agent=agent).state == "paused"
    bea = make_agent("bea", campaign)
    problem(as_agent.post(f"{API}presence/pause/", {"agent": bea.pk}), 403, "supervisors_only")
    assert not Presence.objects.filter(agent=bea).exists()


def test_an_operator_is_nobody_who_pauses(as_operator: APIClient) -> None:
    assert as_operator.post(f"{API}presence/pause/").status_code == 403
