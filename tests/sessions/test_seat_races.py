"""Several at once, on real PostgreSQL: a transfer ends once, what is taken is not given back, one opens again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign
from providers import outbox
from providers.models import Contact, Provider
from sessions import closing, presence, releasing, services, transfers
from sessions.models import ChatSession, Event, EventKind, SessionState, Transfer
from tests.factories import NOW, make_agent, make_campaign, make_contact, make_session
from tests.sessions.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def campaign(campaign: Campaign) -> Campaign:
    campaign.max_transfer_time = 30
    campaign.save()
    return campaign


@pytest.fixture
def agents(campaign: Campaign) -> list[User]:
    return [make_agent(f"agent{n}", campaign) for n in range(4)]


@pytest.fixture
def held(contact: Contact, campaign: Campaign, agents: list[User]) -> ChatSession:
    return services.take(make_session(contact, campaign), agents[0], NOW)


def test_many_transfers_of_one_interaction_leave_one_on_its_way(
    held: ChatSession, agents: list[User], provider: Provider
) -> None:
    sales = make_campaign(provider, "Sales")
    acts: list[Callable[[], Any]] = [
        lambda one=one: transfers.to_agent(held, agents[0], one, "", NOW)  # type: ignore[misc]  # the loop's own
        for one in agents[1:]
    ]
    acts.append(lambda: transfers.to_campaign(held, agents[0], sales, "", NOW))
    results = at_once(acts)
    assert results.count("not_holder") == 3
    assert Transfer.objects.filter(ended_at=None).count() == 1


@pytest.mark.parametrize("n", range(3))
def test_taken_just_as_its_time_is_up_it_is_with_one_of_both_and_ended_once(
    held: ChatSession, agents: list[User], n: int
) -> None:
    ana, bea = agents[:2]
    transfers.to_agent(held, ana, bea, "", NOW)
    at_once([lambda: services.take(held, bea, NOW), *[lambda: transfers.return_overdue(LATER)] * 3])
    held.refresh_from_db()
    ending = Transfer.objects.get().ending
    assert (held.state, held.agent, ending) in {
        (SessionState.ACTIVE, bea, "taken"),
        (SessionState.ACTIVE, ana, "returned"),
    }
    assert Event.objects.filter(kind=EventKind.RETURNED).count() == (ending == "returned")


@pytest.mark.parametrize("n", range(3))
def test_what_a_pause_gives_back_and_the_agent_takes_at_once_is_in_one_place(
    provider: Provider, campaign: Campaign, agents: list[User], n: int
) -> None:
    ana, bea = agents[:2]
    sessions = [make_session(make_contact(provider, f"5989900000{n}"), campaign, ana) for n in range(6)]
    takes = [lambda one=one: services.take(one, bea, NOW) for one in sessions[:3]]
    at_once(
        [
            *takes,
            lambda: presence.pause(ana, None, NOW),
            lambda: presence.give_back(LATER),
            lambda: releasing.release(NOW),
        ]
    )
    for session in sessions:
        session.refresh_from_db()
    taken, offered = sessions[:3], sessions[3:]
    assert [(one.state, one.agent) for one in taken] == [(SessionState.ACTIVE, bea)] * 3
    assert [(one.state, one.agent) for one in offered] == [(SessionState.WAITING, None)] * 3
    assert Event.objects.filter(session__in=offered, kind=EventKind.GIVEN_BACK).count() == 3


def test_a_closing_an_answer_and_a_return_at_once_wait_in_no_ring(
    held: ChatSession, agents: list[User]
) -> None:
    ana, bea = agents[:2]
    hi = outbox.compose_text("Hi!")
    transfers.to_agent(held, ana, bea, "", NOW)
    at_once(
        [
            lambda: services.answer(held, bea, hi, NOW),
            lambda: closing.close(held, ana, NOW),
            lambda: transfers.return_overdue(LATER),
            lambda: presence.pause(bea, None, NOW),
            lambda: closing.close_idle(LATER),
        ]
    )
    assert not Transfer.objects.filter(ended_at=None).exists()


def test_swept_by_several_at_once_what_is_due_opens_once(
    contact: Contact, held: ChatSession, agents: list[User]
) -> None:
    closing.close(held, agents[0], NOW, reschedule_at=LATER)
    results = at_once([lambda: closing.reopen_rescheduled(LATER)] * 5)
    assert (sum(results), ChatSession.objects.exclude(state=SessionState.CLOSED).count()) == (1, 1)


def test_swept_by_several_at_once_what_is_idle_is_closed_once_with_one_text(
    held: ChatSession, campaign: Campaign
) -> None:
    Campaign.objects.update(close_after=10, close_text="Bye for now")
    ChatSession.objects.update(answered_at=NOW, active_at=NOW)
    results = at_once([lambda: closing.close_idle(LATER)] * 5)
    assert (sum(results), held.turns.count()) == (1, 1)
