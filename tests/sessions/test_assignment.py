"""What waits is given to agents."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign, Distribution, Strategy
from providers.models import Contact, Provider
from sessions import assignment, presence, selectors, services
from sessions.models import ChatSession, Presence, SessionState
from tests.factories import NOW, make_agent, make_campaign, make_contact, make_session

HOUR_AGO = NOW - timedelta(hours=1)


def queue(provider: Provider, campaign: Campaign, how_many: int, first: int = 0) -> list[ChatSession]:
    """Interactions that wait, the oldest first."""
    return [
        make_session(
            make_contact(provider, f"598990{first + n:05}"),
            campaign,
            opened_at=NOW - timedelta(minutes=100 - n),
        )
        for n in range(how_many)
    ]


def present(*agents: User) -> None:
    for one in agents:
        services.seen(one, NOW)


def given_to(sessions: list[ChatSession]) -> list[str]:
    rows = ChatSession.objects.select_related("agent").in_bulk([session.pk for session in sessions])
    return [one.username if (one := rows[session.pk].agent) else "-" for session in sessions]


@pytest.mark.django_db
def test_waiting_ones_are_given_in_turn_and_stay_waiting(provider: Provider, campaign: Campaign) -> None:
    present(make_agent("ana", campaign), make_agent("bea", campaign))
    sessions = queue(provider, campaign, 4)
    assert assignment.assign(NOW) == 4
    assert given_to(sessions) == ["ana", "bea", "ana", "bea"]
    assert set(ChatSession.objects.values_list("state", "assigned_at")) == {(SessionState.WAITING, NOW)}


@pytest.mark.django_db
def test_the_turn_is_remembered_between_passes(provider: Provider, campaign: Campaign) -> None:
    present(make_agent("ana", campaign), make_agent("bea", campaign))
    first = queue(provider, campaign, 1)
    assignment.assign(NOW)
    second = queue(provider, campaign, 1, first=50)
    assignment.assign(NOW + timedelta(seconds=2))
    assert given_to(first + second) == ["ana", "bea"]


@pytest.mark.django_db
def test_max_interactions_leaves_the_rest_in_the_queue(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(max_interactions=2)
    present(make_agent("ana", campaign))
    sessions = queue(provider, campaign, 3)
    assert assignment.assign(NOW) == 2
    assert given_to(sessions) == ["ana", "ana", "-"]


@pytest.mark.django_db
def test_what_the_agent_holds_elsewhere_counts(provider: Provider, campaign: Campaign) -> None:
    other = make_campaign(provider, "Other", max_interactions=1)
    ana = make_agent("ana", campaign, other)
    present(ana)
    make_session(make_contact(provider, "59899999999"), campaign, ana, state=SessionState.ACTIVE)
    assert given_to(queue(provider, other, 1)) == ["-"]
    assert assignment.assign(NOW) == 0


@pytest.mark.django_db
def test_a_campaign_without_agents_does_not_stand_in_front_of_another(
    provider: Provider, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "BATCH", 2)
    lonely = make_campaign(provider, "Lonely")
    stuck = queue(provider, lonely, 5)
    later = queue(provider, campaign, 3, first=50)
    present(make_agent("ana", campaign))
    assert assignment.assign(NOW) == 3
    assert given_to(stuck + later) == ["-"] * 5 + ["ana"] * 3


def never_seen(agent: User) -> None:
    """Has not opened the desk."""


def long_gone(agent: User) -> None:
    services.seen(agent, HOUR_AGO)


def paused(agent: User) -> None:
    presence.pause(agent, None, NOW)


def wrapping_up(agent: User) -> None:
    present(agent)
    Presence.objects.update(wrap_up_until=NOW + timedelta(seconds=1))


def disabled(agent: User) -> None:
    present(agent)
    User.objects.filter(id=agent.pk).update(is_active=False)


def no_agent_any_more(agent: User) -> None:
    present(agent)
    agent.groups.remove(Group.objects.get(name=Role.AGENTS))


def no_member_any_more(agent: User) -> None:
    present(agent)
    agent.memberships.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "how", [never_seen, long_gone, paused, wrapping_up, disabled, no_agent_any_more, no_member_any_more]
)
def test_who_cannot_answer_is_given_nothing(provider: Provider, campaign: Campaign, how: object) -> None:
    how(make_agent("ana", campaign))  # type: ignore[operator]  # one of the functions above
    sessions = queue(provider, campaign, 1)
    assert assignment.assign(NOW) == 0
    assert given_to(sessions) == ["-"]


@pytest.mark.django_db
def test_wrap_up_time_ends(provider: Provider, campaign: Campaign) -> None:
    wrapping_up(make_agent("ana", campaign))
    queue(provider, campaign, 1)
    assert assignment.assign(NOW + timedelta(seconds=1)) == 1


@pytest.mark.django_db
def test_interaction_gives_one_at_a_time(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(strategy=Strategy.INTERACTION, max_interactions=5)
    present(make_agent("ana", campaign), make_agent("bea", campaign))
    sessions = queue(provider, campaign, 3)
    assert assignment.assign(NOW) == 2
    assert given_to(sessions) == ["ana", "bea", "-"]


@pytest.mark.django_db
@pytest.mark.parametrize("strategy", [Strategy.RINGALL, Strategy.RINGALLMULTIPLE])
def test_what_is_offered_to_all_stays_in_the_queue_where_each_sees_it(
    provider: Provider, campaign: Campaign, strategy: str
) -> None:
    Campaign.objects.update(strategy=strategy)
    agents = [make_agent("ana", campaign), make_agent("bea", campaign)]
    present(*agents)
    sessions = queue(provider, campaign, 2)
    assert assignment.assign(NOW) == 0
    assert [list(selectors.pending(one)) for one in agents] == [sessions, sessions]


@pytest.mark.django_db
def test_a_campaign_that_offers_to_all_does_not_stand_in_front_of_another(
    provider: Provider, campaign: Campaign
) -> None:
    rings = make_campaign(provider, "Rings", strategy=Strategy.RINGALL)
    ana = make_agent("ana", campaign, rings)
    present(ana)
    picked = queue(provider, rings, 2)
    given = queue(provider, campaign, 2, first=50)
    assert assignment.assign(NOW) == 2
    assert given_to(picked + given) == ["-", "-", "ana", "ana"]


@pytest.mark.django_db
def test_what_one_campaign_gives_takes_the_room_of_another(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(max_interactions=3)
    single = make_campaign(provider, "Single", strategy=Strategy.INTERACTION)
    present(make_agent("ana", campaign, single))
    first = queue(provider, campaign, 1)
    alone = queue(provider, single, 1, first=50)
    assert assignment.assign(NOW) == 1
    assert given_to(first + alone) == ["ana", "-"]


@pytest.mark.django_db
def test_penalties_share_what_waits(provider: Provider, campaign: Campaign) -> None:
    present(make_agent("ana", campaign), make_agent("bea", campaign, penalty=50))
    sessions = queue(provider, campaign, 30)
    assignment.assign(NOW)
    assert Counter(given_to(sessions)) == {"ana": 20, "bea": 10}


@pytest.mark.django_db
def test_weighted_at_random_follows_the_seed(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(distribution=Distribution.WRANDOM)
    present(make_agent("ana", campaign), make_agent("bea", campaign, penalty=80))
    sessions = queue(provider, campaign, 60)
    assignment.assign(NOW, Random(5))
    got = Counter(given_to(sessions))
    assert got["ana"] > got["bea"] > 0


@pytest.mark.django_db
def test_least_active_levels_the_loads(provider: Provider, campaign: Campaign) -> None:
    Campaign.objects.update(distribution=Distribution.LEASTACTIVE)
    ana, bea = make_agent("ana", campaign), make_agent("bea", campaign)
    present(ana, bea)
    for n in range(3):
        make_session(make_contact(provider, f"5989999000{n}"), campaign, ana, state=SessionState.ACTIVE)
    sessions = queue(provider, campaign, 4)
    assignment.assign(NOW)
    assert sorted(given_to(sessions)) == ["ana", "bea", "bea", "bea"]


def earlier(session: ChatSession, agent: User, **fields: object) -> None:
    """The contact's interaction of last week."""
    then = NOW - timedelta(days=7)
    values: dict[str, object] = {"opened_at": then, "taken_at": then, "closed_at": then, **fields}
    contact, campaign = session.contact, session.campaign
    make_session(contact, campaign, agent, **{"state": SessionState.CLOSED, **values})


@pytest.mark.django_db
def test_a_returning_customer_gets_the_last_agent(provider: Provider, campaign: Campaign) -> None:
    ana, bea = make_agent("ana", campaign), make_agent("bea", campaign, penalty=100)
    present(ana, bea)
    sessions = queue(provider, campaign, 3)
    earlier(sessions[1], ana, closed_at=NOW - timedelta(days=9))
    earlier(sessions[1], bea)
    assignment.assign(NOW)
    assert given_to(sessions) == ["ana", "bea", "ana"]


def nothing_taken(session: ChatSession, agent: User) -> None:
    earlier(session, agent, taken_at=None)


def in_another_campaign(session: ChatSession, agent: User) -> None:
    other = make_campaign(session.contact.provider, "Other")
    earlier(session, agent)
    ChatSession.objects.filter(state=SessionState.CLOSED).update(campaign=other)


def last_agent_away(session: ChatSession, agent: User) -> None:
    earlier(session, agent)
    presence.pause(agent, None, NOW)


def last_agent_full(session: ChatSession, agent: User) -> None:
    earlier(session, agent)
    Campaign.objects.update(max_interactions=1)
    make_session(make_contact(session.contact.provider), session.campaign, agent, state=SessionState.ACTIVE)


@pytest.mark.django_db
@pytest.mark.parametrize("how", [nothing_taken, in_another_campaign, last_agent_away, last_agent_full])
def test_without_a_last_agent_who_is_free_whoever_is_in_turn_gets_it(
    provider: Provider, campaign: Campaign, how: Callable[[ChatSession, User], None]
) -> None:
    ana, bea = make_agent("ana", campaign), make_agent("bea", campaign, penalty=100)
    present(ana, bea)
    sessions = queue(provider, campaign, 1)
    how(sessions[0], bea)
    assignment.assign(NOW)
    assert given_to(sessions) == ["ana"]


@pytest.mark.django_db
def test_the_agents_desk_and_the_queue_are_told(
    provider: Provider,
    campaign: Campaign,
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    ana = make_agent("ana", campaign)
    present(ana)
    (session,) = queue(provider, campaign, 1)
    with django_capture_on_commit_callbacks(execute=True):
        assignment.assign(NOW)
    assert heard() >= {
        f"live:user:{ana.pk}",
        f"live:queue:{campaign.pk}",
        f"live:contact:{session.contact_id}",
    }


@pytest.mark.django_db
def test_a_pass_costs_as_many_queries_for_many_as_for_few(
    provider: Provider, campaign: Campaign, django_assert_max_num_queries: Any
) -> None:
    present(*[make_agent(f"agent{n}", campaign) for n in range(10)])
    queue(provider, campaign, 60)
    with django_assert_max_num_queries(16):  # with the empty pass after it
        assert assignment.assign(NOW) == 60


@pytest.mark.django_db
def test_an_unrouted_one_is_given_to_nobody(contact: Contact, campaign: Campaign) -> None:
    present(make_agent("ana", campaign))
    make_session(contact, None)
    assert assignment.assign(NOW) == 0
