"""Whoever may not work any more gives their open interactions back to the queue."""

from typing import Any

import pytest

from sessions import releasing
from sessions.models import ChatSession, SessionState
from tests.factories import (
    NOW,
    make_agent,
    make_campaign,
    make_contact,
    make_provider,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


def disabled(agent: Any) -> None:
    agent.is_active = False
    agent.save()


STOPS = {"disabled": disabled, "without the role": lambda agent: agent.groups.clear()}


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS)
@pytest.mark.parametrize("state", [SessionState.WAITING, SessionState.ACTIVE])
def test_open_interactions_go_back(stop: Any, state: SessionState) -> None:
    provider = make_provider()
    campaign = make_campaign(provider)
    agent = make_agent("ana", campaign)
    session = make_session(make_contact(provider), campaign, agent, state=state, answered_at=NOW)

    stop(agent)

    assert releasing.release(NOW) == 1
    back = ChatSession.objects.get(pk=session.pk)
    assert (back.state, back.agent, back.assigned_at, back.taken_at) == (
        SessionState.WAITING,
        None,
        None,
        None,
    )
    assert (back.opened_at, back.answered_at) == (session.opened_at, NOW)
    assert releasing.release(NOW) == 0


@pytest.mark.parametrize("who", ["agent", "superuser"])
def test_whoever_works_keeps_theirs(who: str) -> None:
    provider = make_provider()
    campaign = make_campaign(provider)
    agent = make_agent("ana", campaign) if who == "agent" else make_user("root", is_superuser=True)
    make_session(make_contact(provider), campaign, agent, state=SessionState.ACTIVE)

    assert releasing.release(NOW) == 0


def test_what_is_closed_stays_with_who_had_it() -> None:
    provider = make_provider()
    campaign = make_campaign(provider)
    agent = make_agent("ana", campaign)
    session = make_session(make_contact(provider), campaign, agent, state=SessionState.CLOSED, closed_at=NOW)

    disabled(agent)

    assert releasing.release(NOW) == 0
    assert ChatSession.objects.get(pk=session.pk).agent == agent
