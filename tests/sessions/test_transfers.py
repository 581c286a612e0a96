"""Transfers: who may, to whom, how they end, and how they come back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign, Member
from providers.errors import Refusal
from providers.models import Contact, Provider
from sessions import closing, presence, releasing, services, transfers
from sessions.models import ChatSession, Event, EventKind, Transfer
from tests.factories import NOW, make_agent, make_campaign, make_provider, make_session, make_supervisor

pytestmark = pytest.mark.django_db
PATIENCE = 30
DUE = NOW + timedelta(seconds=PATIENCE)


@pytest.fixture
def campaign(campaign: Campaign) -> Campaign:
    campaign.max_transfer_time = PATIENCE
    campaign.save()
    return campaign


@pytest.fixture
def other(provider: Provider) -> Campaign:
    return make_campaign(provider, "Sales")


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign)


@pytest.fixture
def bea(campaign: Campaign) -> User:
    return make_agent("bea", campaign)


@pytest.fixture
def boss() -> User:
    return make_supervisor()


@pytest.fixture
def held(contact: Contact, campaign: Campaign, ana: User) -> ChatSession:
    return services.take(make_session(contact, campaign, queued_at=NOW - timedelta(hours=1)), ana, NOW)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def now_of(session: ChatSession) -> tuple[str, str | None, str | None]:
    session = ChatSession.objects.select_related("agent", "campaign").get(pk=session.pk)
    agent, campaign = session.agent, session.campaign
    return session.state, agent.username if agent else None, campaign.name if campaign else None


def test_to_a_colleague_it_waits_offered_to_them_with_the_note(
    held: ChatSession, ana: User, bea: User
) -> None:
    transfers.to_agent(held, ana, bea, "Speaks Portuguese", NOW)
    assert now_of(held) == ("waiting", "bea", "WhatsApp")
    event = Event.objects.get()
    assert (event.kind, event.user, event.whom, event.text) == (
        *(EventKind.TRANSFERRED, ana, bea),
        "Speaks Portuguese",
    )
    assert Transfer.objects.get().due_at == DUE


def test_to_a_campaign_it_waits_at_the_end_of_its_queue(
    held: ChatSession, ana: User, other: Campaign
) -> None:
    transfers.to_campaign(held, ana, other, "Wants to buy", NOW)
    held.refresh_from_db()
    assert (now_of(held), held.queued_at, held.taken_at) == (("waiting", None, "Sales"), NOW, None)
    event = Event.objects.get()
    assert (event.kind, event.campaign, event.text) == (EventKind.TRANSFERRED, other, "Wants to buy")


def test_a_supervisor_transfers_too_and_it_returns_to_who_held_it(
    held: ChatSession, boss: User, bea: User
) -> None:
    transfers.to_agent(held, boss, bea, "", NOW)
    transfers.return_overdue(DUE)
    assert now_of(held) == ("active", "ana", "WhatsApp")


def test_what_nobody_held_is_passed_on_and_does_not_return(
    contact: Contact, campaign: Campaign, boss: User, bea: User
) -> None:
    session = make_session(contact, campaign)
    transfers.to_agent(session, boss, bea, "", NOW)
    assert now_of(session) == ("waiting", "bea", "WhatsApp")
    assert not Transfer.objects.exists()


def disabled(agent: User) -> None:
    agent.is_active = False
    agent.save()


def paused(agent: User) -> None:
    presence.pause(agent, None, NOW)


def no_member(agent: User) -> None:
    Member.objects.filter(agent=agent).delete()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param(disabled, "agent_unable", id="disabled"),
        pytest.param(lambda agent: agent.groups.clear(), "agent_unable", id="without the role"),
        pytest.param(no_member, "not_member", id="no member"),
        pytest.param(paused, "agent_paused", id="paused"),
    ],
)
def test_a_colleague_who_cannot_have_it_is_refused(
    held: ChatSession, ana: User, bea: User, spoil: Callable[[User], Any], code: str
) -> None:
    spoil(bea)
    assert refused(lambda: transfers.to_agent(held, ana, bea, "", NOW)) == code
    assert now_of(held) == ("active", "ana", "WhatsApp")


def test_one_self_is_no_colleague(held: ChatSession, ana: User, boss: User) -> None:
    assert refused(lambda: transfers.to_agent(held, ana, ana, "", NOW)) == "transfer_to_self"
    assert refused(lambda: transfers.to_agent(held, boss, ana, "", NOW)) == "transfer_to_self"


def test_only_its_holder_or_a_supervisor_transfers(
    held: ChatSession, ana: User, bea: User, other: Campaign
) -> None:
    cleo = make_agent("cleo", *Campaign.objects.all())
    assert refused(lambda: transfers.to_agent(held, bea, cleo, "", NOW)) == "not_holder"
    assert refused(lambda: transfers.to_campaign(held, bea, other, "", NOW)) == "not_holder"


def test_a_campaign_that_cannot_have_it_is_refused(held: ChatSession, ana: User, campaign: Campaign) -> None:
    closed = make_campaign(campaign.provider, "Closed", enabled=False)
    elsewhere = make_campaign(make_provider("Other", "5511900000002"), "Elsewhere")
    for target, code in (
        (campaign, "same_campaign"),
        (closed, "campaign_disabled"),
        (elsewhere, "other_provider"),
    ):
        assert refused(lambda target=target: transfers.to_campaign(held, ana, target, "", NOW)) == code  # type: ignore[misc]  # the loop's own


def test_what_is_closed_or_unrouted_goes_nowhere(
    contact: Contact, held: ChatSession, ana: User, bea: User
) -> None:
    closing.close(held, ana, NOW)
    assert refused(lambda: transfers.to_agent(held, ana, bea, "", NOW)) == "closed"
    unrouted = make_session(contact, None, ana)
    assert refused(lambda: transfers.to_agent(unrouted, ana, bea, "", NOW)) == "unrouted"


# How it ends


def ending() -> str:
    return Transfer.objects.get().ending


def test_taken_by_the_colleague_it_has_arrived(held: ChatSession, ana: User, bea: User) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    services.take(held, bea, NOW)
    assert (ending(), transfers.return_overdue(DUE)) == ("taken", 0)


def test_taken_in_the_other_campaign_it_has_arrived(held: ChatSession, ana: User, other: Campaign) -> None:
    transfers.to_campaign(held, ana, other, "", NOW)
    services.take(held, make_agent("cleo", other), NOW)
    assert (ending(), now_of(held)) == ("taken", ("active", "cleo", "Sales"))


def by_another(session: ChatSession, campaign: Campaign) -> None:
    services.take(session, make_agent("cleo", campaign), NOW)


def back_again(session: ChatSession, campaign: Campaign) -> None:
    services.take(session, User.objects.get(username="ana"), NOW)


def closed(session: ChatSession, campaign: Campaign) -> None:
    closing.close(session, User.objects.get(username="supervisor"), NOW)


@pytest.mark.parametrize("overtake", [by_another, back_again, closed])
def test_what_somebody_else_does_meanwhile_ends_it(
    held: ChatSession, ana: User, bea: User, boss: User, campaign: Campaign, overtake: Callable[..., None]
) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    overtake(held, campaign)
    assert (ending(), transfers.return_overdue(DUE)) == ("over", 0)


def test_transferred_on_the_first_is_over_and_the_second_counts(
    held: ChatSession, ana: User, bea: User, boss: User, other: Campaign
) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    transfers.to_campaign(held, bea, other, "", NOW)
    assert list(Transfer.objects.order_by("id").values_list("ending", flat=True)) == ["over", ""]


# How it returns


@pytest.mark.parametrize("late", [-1, 0], ids=["a second before", "in time"])
def test_nobody_answers_and_it_returns_when_the_time_is_up(
    held: ChatSession, ana: User, bea: User, late: int
) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    at = DUE + timedelta(seconds=late)
    assert transfers.return_overdue(at) == (1 if late == 0 else 0)
    assert now_of(held)[:2] == (("active", "ana") if late == 0 else ("waiting", "bea"))


def test_what_returned_says_who_did_not_answer(held: ChatSession, ana: User, bea: User) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    transfers.return_overdue(DUE)
    event = Event.objects.latest("id")
    assert (event.kind, event.user, event.whom, ending()) == (EventKind.RETURNED, None, bea, "returned")


def test_from_another_campaign_it_returns_into_the_senders(
    held: ChatSession, ana: User, other: Campaign
) -> None:
    cleo = make_agent("cleo", other)
    transfers.to_campaign(held, ana, other, "", NOW)
    ChatSession.objects.update(agent=cleo, assigned_at=NOW)  # offered there, not taken
    transfers.return_overdue(DUE)
    assert now_of(held) == ("active", "ana", "WhatsApp")


@pytest.mark.parametrize(
    "spoil", [disabled, lambda agent: agent.groups.clear()], ids=["disabled", "no agent"]
)
def test_a_sender_who_is_gone_gets_nothing_back_and_the_queue_does(
    held: ChatSession, ana: User, bea: User, spoil: Callable[[User], Any]
) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    spoil(ana)
    transfers.return_overdue(DUE)
    held.refresh_from_db()
    assert (now_of(held), held.queued_at, ending()) == (("waiting", None, "WhatsApp"), DUE, "returned")


def test_without_a_time_it_never_returns(held: ChatSession, ana: User, bea: User) -> None:
    Campaign.objects.update(max_transfer_time=0)
    transfers.to_agent(held, ana, bea, "", NOW)
    assert (Transfer.objects.get().due_at, transfers.return_overdue(NOW + timedelta(days=9))) == (None, 0)


def cannot_answer(agent: User) -> None:
    disabled(agent)
    releasing.release(NOW)


def loses_the_browser(agent: User) -> None:
    presence.give_back(NOW + timedelta(hours=1))


@pytest.mark.parametrize("gone", [paused, cannot_answer, loses_the_browser])
def test_a_colleague_who_leaves_gives_it_back_to_the_sender(
    held: ChatSession, ana: User, bea: User, gone: Callable[[User], Any]
) -> None:
    transfers.to_agent(held, ana, bea, "", NOW)
    gone(bea)
    assert (now_of(held), ending()) == (("active", "ana", "WhatsApp"), "returned")
