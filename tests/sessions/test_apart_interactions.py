"""Interactions of two people who are told apart, and merged again: whose each is, and what goes with it."""

import pytest

from accounts.models import User
from providers.models import Provider
from sessions import events
from sessions.apart import merge
from sessions.models import ChatSession, EventKind, SessionState, Turn
from sessions.routing import route
from tests.factories import (
    NOW,
    make_agent,
    make_campaign,
    make_supervisor,
)
from tests.providers.scenes import later
from tests.sessions.apart_scenes import LANDLINE, MOBILE, apart, open_sessions, the, writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return make_supervisor()


@pytest.mark.parametrize("last", [LANDLINE, MOBILE], ids=["the landline", "the mobile"])
def test_an_open_interaction_goes_with_who_wrote_last_and_the_other_waits_anew(
    provider: Provider, supervisor: User, last: str
) -> None:
    campaign = make_campaign(provider, dids=(provider.number,))
    first = MOBILE if last == LANDLINE else LANDLINE
    writes(provider, first, "first")
    writes(provider, last, "last", later(minutes=1))
    route(NOW)
    ChatSession.objects.update(state=SessionState.ACTIVE, agent=make_agent("ana", campaign), taken_at=NOW)

    apart(supervisor)
    route(NOW)

    assert open_sessions() == {last: "active", first: "waiting"}
    assert {turn.message.text: turn.session.contact.contact for turn in Turn.objects.all()} == {
        "first": first,
        "last": last,
    }


def test_a_closed_interaction_goes_with_who_wrote_last_and_nothing_is_routed_twice(
    provider: Provider, supervisor: User
) -> None:
    make_campaign(provider, dids=(provider.number,))
    writes(provider, MOBILE)
    route(NOW)
    ChatSession.objects.update(state=SessionState.CLOSED, closed_at=NOW)
    apart(supervisor)
    assert route(NOW) == 0
    assert ChatSession.objects.get().contact == the(MOBILE)


def test_merged_again_the_interaction_that_an_agent_has_takes_up_the_other(
    provider: Provider, supervisor: User
) -> None:
    campaign = make_campaign(provider, dids=(provider.number,))
    writes(provider, MOBILE)
    apart(supervisor)
    writes(provider, LANDLINE, "from the landline", later(minutes=1))
    route(NOW)
    ChatSession.objects.filter(contact=the(LANDLINE)).update(
        state=SessionState.ACTIVE, agent=make_agent("ana", campaign), taken_at=NOW
    )
    merge(the(MOBILE), supervisor, "One after all.", later(hours=1))
    assert open_sessions() == {LANDLINE: "active"}
    assert Turn.objects.filter(session__contact=the(LANDLINE)).count() == 2


def test_what_colleagues_wrote_goes_with_its_interaction_and_comes_back(
    provider: Provider, supervisor: User
) -> None:
    make_campaign(provider, dids=(provider.number,))
    writes(provider, MOBILE)
    route(NOW)
    note = events.add(ChatSession.objects.get(), EventKind.NOTE, NOW, user=supervisor, text="Calls at noon")
    apart(supervisor)
    note.refresh_from_db()
    assert note.contact == the(MOBILE)
    merge(the(MOBILE), supervisor, "One after all.", NOW)
    note.refresh_from_db()
    assert (note.contact, note.session.contact) == (the(LANDLINE), the(LANDLINE))


def test_merged_again_the_interaction_that_goes_on_keeps_the_notes_of_the_other(
    provider: Provider, supervisor: User
) -> None:
    make_campaign(provider, dids=(provider.number,))
    writes(provider, MOBILE)
    apart(supervisor)
    writes(provider, LANDLINE, "from the landline", later(minutes=1))
    route(NOW)
    waiting = ChatSession.objects.get(contact=the(LANDLINE))
    events.add(waiting, EventKind.NOTE, NOW, user=supervisor, text="In a hurry")
    merge(the(MOBILE), supervisor, "One after all.", later(hours=1))
    assert [event.text for event in ChatSession.objects.get().events.all()] == ["In a hurry"]
