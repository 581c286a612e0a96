"""Take, answer, close, assign: who may, and what stays true."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign, Member, Strategy
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact, Message, Provider
from sessions import presence, selectors, services
from sessions.models import ChatSession, SessionState
from tests.factories import (
    NOW,
    make_agent,
    make_campaign,
    make_contact,
    make_session,
    make_supervisor,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=3)
HI = outbox.compose_text("Hi!")


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana", last_name="Silva")


@pytest.fixture
def bea(campaign: Campaign) -> User:
    return make_agent("bea", campaign)


@pytest.fixture
def stranger(provider: Provider) -> User:
    return make_agent("stranger", make_campaign(provider, "Other"))


@pytest.fixture
def waiting(contact: Contact, campaign: Campaign) -> ChatSession:
    return make_session(contact, campaign)


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value


def test_taking_makes_a_waiting_interaction_active(waiting: ChatSession, ana: User) -> None:
    taken = services.take(waiting, ana, LATER)
    assert (taken.state, taken.agent, taken.taken_at) == (SessionState.ACTIVE, ana, LATER)


def test_taking_again_is_harmless(waiting: ChatSession, ana: User) -> None:
    services.take(waiting, ana, NOW)
    assert services.take(waiting, ana, LATER).taken_at == NOW


def test_one_offered_to_a_colleague_may_be_taken(
    contact: Contact, campaign: Campaign, ana: User, bea: User
) -> None:
    assert services.take(make_session(contact, campaign, ana), bea, NOW).agent == bea


def test_a_supervisor_may_take(waiting: ChatSession) -> None:
    boss = make_supervisor()
    assert services.take(waiting, boss, NOW).agent == boss


def test_what_is_taken_names_its_holder(waiting: ChatSession, ana: User, bea: User) -> None:
    services.take(waiting, ana, NOW)
    refused = refusal(lambda: services.take(waiting, bea, NOW))
    assert (refused.code, refused.status) == ("taken", 409)
    assert "Ana Silva" in str(refused)


def test_who_is_no_member_may_not_take(waiting: ChatSession, stranger: User) -> None:
    refused = refusal(lambda: services.take(waiting, stranger, NOW))
    assert (refused.code, refused.status) == ("not_member", 403)


def test_an_unrouted_one_is_assigned_before_it_is_taken(contact: Contact) -> None:
    session = make_session(contact, None)
    boss = make_supervisor()
    assert refusal(lambda: services.take(session, boss, NOW)).code == "unrouted"


def busy(campaign: Campaign, agent: User, provider: Provider) -> None:
    """The campaign allows one at a time, and the agent has it."""
    Campaign.objects.filter(id=campaign.pk).update(max_interactions=1)
    make_session(make_contact(provider, "59899000001"), campaign, agent, state=SessionState.ACTIVE)


def test_max_interactions_holds_for_the_queue(
    waiting: ChatSession, campaign: Campaign, ana: User, provider: Provider
) -> None:
    busy(campaign, ana, provider)
    assert refusal(lambda: services.take(waiting, ana, NOW)).code == "max_interactions"
    assert refusal(lambda: services.take_next(ana, NOW)).code == "max_interactions"


def test_max_interactions_does_not_hold_for_what_was_offered(
    contact: Contact, campaign: Campaign, ana: User, provider: Provider
) -> None:
    busy(campaign, ana, provider)
    offered = make_session(contact, campaign, ana)
    assert services.take(offered, ana, NOW).state == SessionState.ACTIVE


@pytest.mark.parametrize("strategy", [Strategy.INTERACTION, Strategy.RINGALL])
def test_one_at_a_time_holds_for_who_takes(
    waiting: ChatSession, campaign: Campaign, ana: User, provider: Provider, strategy: str
) -> None:
    busy(campaign, ana, provider)
    Campaign.objects.update(strategy=strategy, max_interactions=0)
    assert refusal(lambda: services.take(waiting, ana, NOW)).code == "max_interactions"
    refused = refusal(lambda: services.take_next(ana, NOW))
    assert (refused.code, "one at a time" in refused.sentence) == ("max_interactions", True)


def test_ringallmultiple_lets_take_as_many_as_wanted(
    waiting: ChatSession, campaign: Campaign, ana: User, provider: Provider
) -> None:
    busy(campaign, ana, provider)
    Campaign.objects.update(strategy=Strategy.RINGALLMULTIPLE, max_interactions=0)
    assert services.take_next(ana, NOW) == waiting


def test_room_holds_for_what_a_colleague_was_offered(
    contact: Contact, campaign: Campaign, ana: User, bea: User, provider: Provider
) -> None:
    busy(campaign, ana, provider)
    offered = make_session(contact, campaign, bea)
    assert refusal(lambda: services.take(offered, ana, NOW)).code == "max_interactions"


def test_who_is_paused_takes_nothing_from_the_queue(waiting: ChatSession, ana: User) -> None:
    presence.pause(ana, None, NOW)
    assert refusal(lambda: services.take(waiting, ana, NOW)).code == "paused"
    assert refusal(lambda: services.take_next(ana, NOW)).code == "paused"


def test_who_is_paused_answers_what_they_hold(contact: Contact, campaign: Campaign, ana: User) -> None:
    held = make_session(contact, campaign, ana, state=SessionState.ACTIVE)
    presence.pause(ana, None, NOW)
    assert services.answer(held, ana, HI, NOW).author == ana


def test_take_next_goes_on_to_a_campaign_with_room(
    waiting: ChatSession, campaign: Campaign, ana: User, provider: Provider
) -> None:
    busy(campaign, ana, provider)
    roomy = make_campaign(provider, "Roomy")
    Member.objects.create(campaign=roomy, agent=ana)
    later = make_session(make_contact(provider, "59899000002"), roomy, opened_at=LATER)
    assert services.take_next(ana, LATER) == later


def test_taking_tells_the_queue_the_taker_and_who_was_offered_it(
    contact: Contact,
    campaign: Campaign,
    ana: User,
    bea: User,
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    offered = make_session(contact, campaign, bea)
    with django_capture_on_commit_callbacks(execute=True):
        services.take(offered, ana, NOW)
    assert heard() >= {f"live:user:{ana.pk}", f"live:user:{bea.pk}", f"live:queue:{campaign.pk}"}


def test_take_next_prefers_what_was_offered_then_the_oldest(
    provider: Provider, campaign: Campaign, ana: User, bea: User
) -> None:
    people = [make_contact(provider, f"5989900000{n}") for n in range(4)]
    make_session(people[0], campaign, bea, opened_at=NOW - timedelta(hours=2))
    old = make_session(people[1], campaign, opened_at=NOW - timedelta(hours=1))
    make_session(people[2], campaign)
    offered = make_session(people[3], campaign, ana)
    assert services.take_next(ana, NOW) == offered
    assert services.take_next(ana, NOW) == old


def test_take_next_keeps_to_the_own_campaigns(waiting: ChatSession, stranger: User) -> None:
    assert services.take_next(stranger, NOW) is None


def test_an_answer_takes_and_counts_the_first_time_only(waiting: ChatSession, ana: User) -> None:
    message = services.answer(waiting, ana, HI, NOW)
    services.answer(waiting, ana, HI, LATER)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.agent, waiting.answered_at) == (SessionState.ACTIVE, ana, NOW)
    assert message.author == ana
    assert waiting.turns.count() == 2


def test_only_the_holder_answers(waiting: ChatSession, ana: User, bea: User) -> None:
    services.take(waiting, ana, NOW)
    assert refusal(lambda: services.answer(waiting, bea, HI, NOW)).code == "taken"
    boss = make_supervisor()
    assert refusal(lambda: services.answer(waiting, boss, HI, NOW)).code == "taken"


def test_a_refused_answer_changes_nothing(waiting: ChatSession, contact: Contact, ana: User) -> None:
    Contact.objects.update(last_incoming_at=NOW - timedelta(hours=24))
    assert refusal(lambda: services.answer(waiting, ana, HI, NOW)).code == "window_closed"
    waiting.refresh_from_db()
    assert (waiting.state, waiting.agent, waiting.answered_at) == (SessionState.WAITING, None, None)
    assert not Message.objects.exists()


def test_closing_keeps_the_window(waiting: ChatSession, contact: Contact, ana: User) -> None:
    services.take(waiting, ana, NOW)
    closed = services.close(waiting, ana, LATER)
    assert (closed.state, closed.closed_at, closed.closed_by) == (SessionState.CLOSED, LATER, ana)
    contact.refresh_from_db()
    assert contact.window_open(LATER)


def test_closing_twice_is_refused_and_keeps_the_first(waiting: ChatSession, ana: User) -> None:
    services.take(waiting, ana, NOW)
    services.close(waiting, ana, NOW)
    assert refusal(lambda: services.close(waiting, ana, LATER)).code == "closed"
    waiting.refresh_from_db()
    assert waiting.closed_at == NOW


def test_a_colleague_may_not_close_and_a_supervisor_may(waiting: ChatSession, ana: User, bea: User) -> None:
    services.take(waiting, ana, NOW)
    assert refusal(lambda: services.close(waiting, bea, NOW)).code == "not_holder"
    assert services.close(waiting, make_supervisor(), NOW).state == SessionState.CLOSED


def test_a_closed_one_is_neither_taken_nor_assigned(
    waiting: ChatSession, campaign: Campaign, ana: User
) -> None:
    services.take(waiting, ana, NOW)
    services.close(waiting, ana, NOW)
    assert refusal(lambda: services.take(waiting, ana, NOW)).code == "closed"
    assert refusal(lambda: services.assign_campaign(waiting, campaign, NOW)).code == "closed"


def test_an_unrouted_one_waits_in_the_campaign_it_is_assigned_to(
    contact: Contact, campaign: Campaign, ana: User
) -> None:
    session = make_session(contact, None)
    assert list(selectors.unrouted()) == [session]
    assert list(selectors.pending(ana)) == []
    assigned = services.assign_campaign(session, campaign, LATER)
    assert (assigned.queued_at, assigned.opened_at) == (LATER, NOW)
    assert list(selectors.unrouted()) == []
    assert list(selectors.pending(ana)) == [session]


@pytest.mark.parametrize(
    ("routed", "enabled", "code"),
    [
        pytest.param(True, True, "routed", id="it has a campaign already"),
        pytest.param(False, False, "campaign_disabled", id="the campaign is not enabled"),
    ],
)
def test_assigning_refuses(
    contact: Contact, provider: Provider, campaign: Campaign, routed: bool, enabled: bool, code: str
) -> None:
    session = make_session(contact, campaign if routed else None)
    other = make_campaign(provider, "Other", enabled=enabled)
    assert refusal(lambda: services.assign_campaign(session, other, NOW)).code == code


def test_an_agent_sees_own_ones_and_the_queues_of_the_own_campaigns(
    provider: Provider, campaign: Campaign, ana: User, bea: User, stranger: User
) -> None:
    people = [make_contact(provider, f"5989900000{n}") for n in range(5)]
    queued = make_session(people[0], campaign)
    offered = make_session(people[1], campaign, bea)
    mine = make_session(people[2], campaign, ana, state=SessionState.CLOSED)
    theirs = make_session(people[3], campaign, bea, state=SessionState.ACTIVE)
    unrouted = make_session(people[4], None)
    assert set(selectors.visible_to(ana)) == {queued, offered, mine}
    assert set(selectors.visible_to(stranger)) == set()
    assert set(selectors.visible_to(make_supervisor())) == {queued, offered, mine, theirs, unrouted}
