"""Closing: with a disposition, for want of messages; and what was rescheduled opens again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign, Disposition, Member
from providers.errors import Refusal
from providers.models import Contact, Message, Provider
from sessions import closing, presence, services
from sessions.models import ChatSession, Ending, Event, EventKind, Origin, SessionState
from tests.factories import (
    NOW,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_session,
    make_supervisor,
)

pytestmark = pytest.mark.django_db
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign)


@pytest.fixture
def held(contact: Contact, campaign: Campaign, ana: User) -> ChatSession:
    return services.take(make_session(contact, campaign), ana, NOW)


@pytest.fixture
def sold(campaign: Campaign) -> Disposition:
    return Disposition.objects.create(campaign=campaign, name="Sold")


def refused(session: ChatSession, user: User, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        closing.close(session, user, NOW, **more)
    return caught.value


# By a person


def test_how_it_ended_is_kept_and_written_down(held: ChatSession, ana: User, sold: Disposition) -> None:
    closing.close(held, ana, NOW, sold, "  Two of them ", TOMORROW)
    held.refresh_from_db()
    assert (held.ending, held.disposition, held.comment, held.reschedule_at) == (
        *(Ending.PERSON, sold),
        *("Two of them", TOMORROW),
    )
    event = Event.objects.get()
    assert (event.kind, event.user, event.text) == (EventKind.CLOSED, ana, "Two of them")


@pytest.mark.parametrize("who", ["agent", "supervisor"])
def test_where_the_campaign_asks_for_a_disposition_nobody_closes_without(
    held: ChatSession, ana: User, sold: Disposition, who: str
) -> None:
    Campaign.objects.update(disposition_modal=True)
    user = ana if who == "agent" else make_supervisor()
    why = refused(held, user)
    assert (why.code, why.status) == ("disposition_required", 409)
    assert closing.close(held, user, NOW, sold).disposition == sold


@pytest.mark.parametrize(
    ("modal", "enabled"),
    [pytest.param(False, True, id="it asks for none"), pytest.param(True, False, id="it has none enabled")],
)
def test_elsewhere_none_is_needed(
    held: ChatSession, ana: User, sold: Disposition, modal: bool, enabled: bool
) -> None:
    Campaign.objects.update(disposition_modal=modal)
    Disposition.objects.update(enabled=enabled)
    assert closing.close(held, ana, NOW).state == SessionState.CLOSED


def test_only_an_enabled_leaf_of_the_own_campaign_will_do(
    held: ChatSession, ana: User, sold: Disposition, provider: Provider
) -> None:
    below = Disposition.objects.create(campaign=sold.campaign, parent=sold, name="Online")
    foreign = Disposition.objects.create(campaign=make_campaign(provider, "Other"), name="Sold")
    off = Disposition.objects.create(campaign=sold.campaign, name="Old", enabled=False)
    for unfit in (sold, foreign, off):
        why = refused(held, ana, disposition=unfit)
        assert (why.code, why.status) == ("disposition_unfit", 400)
    assert closing.close(held, ana, NOW, below).disposition == below


def test_one_whose_children_are_all_off_is_a_leaf(held: ChatSession, ana: User, sold: Disposition) -> None:
    Disposition.objects.create(campaign=sold.campaign, parent=sold, name="By fax", enabled=False)
    assert closing.close(held, ana, NOW, sold).disposition == sold


def test_it_is_rescheduled_for_a_time_to_come(held: ChatSession, ana: User) -> None:
    why = refused(held, ana, reschedule_at=NOW)
    assert (why.code, why.status) == ("reschedule_past", 400)


# For want of messages


@pytest.fixture
def quiet(held: ChatSession) -> ChatSession:
    """Answered, and nothing since; the campaign closes after ten minutes."""
    Campaign.objects.update(close_after=10, close_text="We close this for now.")
    ChatSession.objects.update(answered_at=NOW, active_at=NOW)
    return held


def minutes(n: float) -> datetime:
    return NOW + timedelta(minutes=n)


def test_it_is_closed_after_the_set_time_with_the_text(quiet: ChatSession) -> None:
    assert (closing.close_idle(minutes(9.9)), closing.close_idle(minutes(10))) == (0, 1)
    quiet.refresh_from_db()
    assert (quiet.state, quiet.ending, quiet.closed_by) == (SessionState.CLOSED, Ending.IDLE, None)
    message = Message.objects.get()
    assert (message.text, message.author, message.turn.session) == ("We close this for now.", None, quiet)


def test_a_text_that_may_not_leave_is_no_obstacle(quiet: ChatSession) -> None:
    Contact.objects.update(last_incoming_at=NOW - timedelta(days=2))
    assert (closing.close_idle(minutes(10)), Message.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"answered_at": None}, id="nobody answered"),
        pytest.param({"state": SessionState.WAITING}, id="it waits for somebody"),
        pytest.param({"active_at": minutes(1)}, id="somebody wrote"),
    ],
)
def test_whoever_waits_for_us_is_not_sent_away(quiet: ChatSession, fields: dict[str, Any]) -> None:
    ChatSession.objects.update(**fields)
    assert closing.close_idle(minutes(10)) == 0


def test_a_message_that_has_just_come_keeps_it_open(quiet: ChatSession, contact: Contact) -> None:
    incoming(contact, at=minutes(9))
    assert closing.close_idle(minutes(10)) == 0


def test_a_campaign_without_a_time_closes_nothing(quiet: ChatSession) -> None:
    Campaign.objects.update(close_after=0)
    assert closing.close_idle(minutes(10_000)) == 0


def test_without_a_text_it_is_closed_in_silence(quiet: ChatSession) -> None:
    Campaign.objects.update(close_text=" ")
    assert (closing.close_idle(minutes(10)), Message.objects.count()) == (1, 0)


# Opened again


@pytest.fixture
def rescheduled(held: ChatSession, ana: User) -> ChatSession:
    return closing.close(held, ana, NOW, comment="Call about the invoice", reschedule_at=TOMORROW)


def reopened() -> ChatSession:
    return ChatSession.objects.exclude(state=SessionState.CLOSED).select_related("agent").get()


def test_it_waits_again_at_its_time_offered_to_who_closed_it_with_the_comment(
    rescheduled: ChatSession, ana: User, campaign: Campaign
) -> None:
    assert closing.reopen_rescheduled(TOMORROW - timedelta(seconds=1)) == 0
    assert (closing.reopen_rescheduled(TOMORROW), closing.reopen_rescheduled(TOMORROW)) == (1, 0)
    again = reopened()
    assert (again.state, again.agent, again.campaign, again.origin, again.opened_at) == (
        *(SessionState.WAITING, ana, campaign),
        *(Origin.RESCHEDULED, TOMORROW),
    )
    event = again.events.get()
    assert (event.kind, event.user, event.text) == (EventKind.RESCHEDULED, ana, "Call about the invoice")


def disabled(agent: User) -> None:
    agent.is_active = False
    agent.save()


def paused(agent: User) -> None:
    presence.pause(agent, None, NOW)


def no_member(agent: User) -> None:
    Member.objects.filter(agent=agent).delete()


@pytest.mark.parametrize("gone", [disabled, paused, no_member])
def test_where_they_may_not_have_it_it_waits_in_the_queue(
    rescheduled: ChatSession, ana: User, campaign: Campaign, gone: Any
) -> None:
    gone(ana)
    closing.reopen_rescheduled(TOMORROW)
    assert (reopened().agent, reopened().campaign) == (None, campaign)


def test_in_a_campaign_that_is_off_it_waits_for_a_supervisor(rescheduled: ChatSession) -> None:
    Campaign.objects.update(enabled=False)
    closing.reopen_rescheduled(TOMORROW)
    assert (reopened().agent, reopened().campaign) == (None, None)


def test_where_one_is_open_it_is_noted_there(
    rescheduled: ChatSession, contact: Contact, campaign: Campaign
) -> None:
    still_open = make_session(contact, campaign)
    closing.reopen_rescheduled(TOMORROW)
    assert (reopened(), still_open.events.get().text) == (still_open, "Call about the invoice")


def test_all_that_are_due_open(
    rescheduled: ChatSession, provider: Provider, campaign: Campaign, ana: User
) -> None:
    other = services.take(make_session(make_contact(provider, "59899000001"), campaign), ana, NOW)
    closing.close(other, ana, NOW, reschedule_at=TOMORROW)
    assert closing.reopen_rescheduled(TOMORROW) == 2
