"""Who gets the next interaction."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Campaign
from providers.models import Contact, Provider
from sessions import assignment, services
from sessions.assignment import Candidate
from sessions.models import ChatSession, SessionState
from tests.factories import NOW, make_agent, make_campaign, make_contact, make_session

PRESENT_SINCE = NOW - timedelta(minutes=1)
HOUR_AGO = NOW - timedelta(hours=1)


def agent(agent_id: int, penalty: int = 0, **fields: object) -> Candidate:
    return Candidate(agent_id=agent_id, penalty=penalty, **{"seen_at": NOW, **fields})  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("candidates", "most", "wanted"),
    [
        pytest.param([], 0, None, id="nobody"),
        pytest.param([agent(1)], 0, 1, id="the only one"),
        pytest.param([agent(1, 5), agent(2, 1)], 0, 2, id="the lowest penalty first"),
        pytest.param(
            [agent(1, 0, open=9), agent(2, 1)], 0, 1, id="penalty before load, as long as there is room"
        ),
        pytest.param(
            [agent(1, 0, open=3), agent(2, 100)], 3, 2, id="a full one leaves it to a higher penalty"
        ),
        pytest.param([agent(1, open=3), agent(2, open=3)], 3, None, id="all full: it waits"),
        pytest.param([agent(1, open=500)], 0, 1, id="no limit"),
        pytest.param(
            [agent(1, last_assigned_at=NOW), agent(2, last_assigned_at=HOUR_AGO)],
            0,
            2,
            id="in turn: longest since the last one",
        ),
        pytest.param([agent(1, last_assigned_at=HOUR_AGO), agent(2)], 0, 2, id="never given comes first"),
        pytest.param([agent(2), agent(1)], 0, 1, id="alike: a fixed order"),
        pytest.param([agent(1, seen_at=None), agent(2)], 0, 2, id="never seen at the desk"),
        pytest.param([agent(1, seen_at=HOUR_AGO)], 0, None, id="gone from the desk"),
        pytest.param([agent(1, seen_at=PRESENT_SINCE)], 0, 1, id="seen just in time"),
        pytest.param([agent(1, may_work=False)], 0, None, id="may not work"),
    ],
)
def test_the_choice(candidates: list[Candidate], most: int, wanted: int | None) -> None:
    chosen = assignment.choose(candidates, most, PRESENT_SINCE)
    assert (chosen.agent_id if chosen else None) == wanted


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
@pytest.mark.parametrize("how", [never_seen, long_gone, disabled, no_agent_any_more, no_member_any_more])
def test_who_cannot_answer_is_given_nothing(provider: Provider, campaign: Campaign, how: object) -> None:
    how(make_agent("ana", campaign))  # type: ignore[operator]  # one of the functions above
    sessions = queue(provider, campaign, 1)
    assert assignment.assign(NOW) == 0
    assert given_to(sessions) == ["-"]


@pytest.mark.django_db
def test_an_unrouted_one_is_given_to_nobody(contact: Contact, campaign: Campaign) -> None:
    present(make_agent("ana", campaign))
    make_session(contact, None)
    assert assignment.assign(NOW) == 0
