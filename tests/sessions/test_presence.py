"""Whether agents are there: seen, paused, wrapping up, offline; and what goes back when they are not."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign
from providers.errors import Refusal
from providers.models import Contact, Provider
from sessions import presence, services
from sessions.models import ChatSession, Event, EventKind, PauseReason, Presence, PresenceState, SessionState
from tests.factories import NOW, make_agent, make_contact, make_session, make_supervisor

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=3)
LOST = timedelta(seconds=60 + 60)  # PRESENCE_SECONDS and GIVE_BACK_SECONDS, as tests have them


@pytest.fixture(autouse=True)
def patience(settings: Any) -> None:
    settings.PRESENCE_SECONDS, settings.GIVE_BACK_SECONDS = 60, 60


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign)


@pytest.fixture
def lunch() -> PauseReason:
    return PauseReason.objects.create(name="A late lunch")


def status(agent: User, now: datetime) -> str:
    return presence.status_of(Presence.objects.filter(agent=agent).first(), now)


@pytest.mark.parametrize(
    ("ago", "state", "wrap_up", "expected"),
    [
        pytest.param(0, PresenceState.AVAILABLE, None, "available", id="just seen"),
        pytest.param(60, PresenceState.AVAILABLE, None, "available", id="seen at the limit"),
        pytest.param(61, PresenceState.AVAILABLE, None, "offline", id="not seen lately"),
        pytest.param(0, PresenceState.PAUSED, None, "paused", id="paused"),
        pytest.param(61, PresenceState.PAUSED, None, "offline", id="paused, then gone"),
        pytest.param(0, PresenceState.AVAILABLE, 1, "wrap_up", id="wrapping up"),
        pytest.param(0, PresenceState.AVAILABLE, 0, "available", id="wrapped up just now"),
        pytest.param(0, PresenceState.PAUSED, 1, "paused", id="paused while wrapping up"),
    ],
)
def test_the_status_and_the_condition_of_it_agree(
    ana: User, ago: int, state: str, wrap_up: int | None, expected: str
) -> None:
    until = None if wrap_up is None else NOW + timedelta(seconds=wrap_up)
    Presence.objects.create(
        agent=ana, seen_at=NOW - timedelta(seconds=ago), since=NOW, state=state, wrap_up_until=until
    )
    assert status(ana, NOW) == expected
    assert Presence.objects.filter(presence.available(NOW)).exists() is (expected == "available")


def test_who_was_never_seen_is_offline(ana: User) -> None:
    assert presence.status_of(None, NOW) == "offline"


def test_being_seen_again_and_late_moves_nothing_back(ana: User) -> None:
    for at in (NOW, LATER, NOW):
        presence.seen(ana, at)
    assert Presence.objects.get().seen_at == LATER


@pytest.mark.parametrize(
    ("away", "since"), [(30, NOW), (90, NOW + timedelta(seconds=90))], ids=["there", "back"]
)
def test_who_comes_back_is_available_since_then(ana: User, away: int, since: datetime) -> None:
    presence.seen(ana, NOW)
    presence.seen(ana, NOW + timedelta(seconds=away))
    assert Presence.objects.get().since == since


def test_a_pause_has_a_reason_and_a_time_and_outlasts_being_seen(ana: User, lunch: PauseReason) -> None:
    presence.seen(ana, NOW)
    presence.pause(ana, lunch, NOW)
    presence.seen(ana, LATER)
    there = Presence.objects.get()
    assert (there.state, there.reason, there.since, there.paused_by) == ("paused", lunch, NOW, None)
    assert status(ana, LATER) == "paused"


def test_going_on_ends_the_pause(ana: User, lunch: PauseReason) -> None:
    presence.pause(ana, lunch, NOW)
    presence.resume(ana, LATER)
    there = Presence.objects.get()
    assert (there.reason, there.since, status(ana, LATER)) == (None, LATER, "available")


def test_pausing_gives_back_what_is_offered_and_keeps_what_is_held(
    provider: Provider, campaign: Campaign, ana: User
) -> None:
    people = [make_contact(provider, f"5989900000{n}") for n in range(3)]
    offered = make_session(people[0], campaign, ana)
    held = make_session(people[1], campaign, ana, state=SessionState.ACTIVE)
    colleagues = make_session(people[2], campaign, make_agent("bea", campaign))
    presence.pause(ana, None, NOW)
    given = {session.pk: session.agent for session in ChatSession.objects.all()}
    assert given == {offered.pk: None, held.pk: ana, colleagues.pk: colleagues.agent}
    event = Event.objects.get()
    assert (event.session, event.kind, event.whom, event.user) == (offered, EventKind.GIVEN_BACK, ana, None)


def test_a_supervisor_sends_to_pause_which_is_not_being_seen(ana: User, lunch: PauseReason) -> None:
    boss = make_supervisor()
    presence.seen(ana, NOW)
    presence.pause(ana, lunch, LATER, by=boss)
    there = Presence.objects.get()
    assert (there.state, there.paused_by, there.seen_at) == ("paused", boss, NOW)


def test_somebody_who_was_never_seen_may_be_sent_and_stays_offline(ana: User) -> None:
    presence.pause(ana, None, NOW, by=make_supervisor())
    assert (Presence.objects.get().state, status(ana, NOW)) == ("paused", "offline")


def test_a_colleague_sends_nobody_to_pause(ana: User, campaign: Campaign) -> None:
    with pytest.raises(Refusal) as refused:
        presence.pause(ana, None, NOW, by=make_agent("bea", campaign))
    assert (refused.value.code, refused.value.status) == ("supervisors_only", 403)


def test_a_reason_that_is_not_enabled_is_refused(ana: User, lunch: PauseReason) -> None:
    lunch.enabled = False
    with pytest.raises(Refusal) as refused:
        presence.pause(ana, lunch, NOW)
    assert refused.value.code == "reason_disabled"


@pytest.mark.parametrize(
    ("seen", "offered", "goes_back"),
    [
        pytest.param(-LOST - timedelta(seconds=1), -LOST - timedelta(seconds=1), True, id="lost long ago"),
        pytest.param(-LOST, -LOST - timedelta(seconds=1), False, id="lost, not for long enough"),
        pytest.param(-LOST - timedelta(seconds=1), -LOST, False, id="offered since, not for long enough"),
        pytest.param(None, -LOST - timedelta(seconds=1), True, id="never seen, offered long ago"),
        pytest.param(None, -LOST, False, id="never seen, offered lately"),
        pytest.param(timedelta(0), -timedelta(hours=1), False, id="there"),
    ],
)
def test_a_lost_browser_gives_back_after_the_set_time(
    contact: Contact,
    campaign: Campaign,
    ana: User,
    seen: timedelta | None,
    offered: timedelta,
    goes_back: bool,
) -> None:
    if seen is not None:
        presence.seen(ana, NOW + seen)
    session = make_session(contact, campaign, ana, assigned_at=NOW + offered)
    assert presence.give_back(NOW) == goes_back
    session.refresh_from_db()
    assert (session.agent is None, Event.objects.count()) == (goes_back, int(goes_back))
    assert presence.give_back(NOW) == 0


def test_a_lost_browser_keeps_what_was_taken(contact: Contact, campaign: Campaign, ana: User) -> None:
    presence.seen(ana, NOW - timedelta(days=1))
    session = make_session(
        contact, campaign, ana, state=SessionState.ACTIVE, assigned_at=NOW - timedelta(days=1)
    )
    assert presence.give_back(NOW) == 0
    session.refresh_from_db()
    assert (session.agent, session.state) == (ana, SessionState.ACTIVE)


def test_what_went_back_keeps_its_place_in_the_queue(contact: Contact, campaign: Campaign, ana: User) -> None:
    early = NOW - timedelta(hours=1)
    session = make_session(contact, campaign, ana, queued_at=early)
    presence.pause(ana, None, NOW)
    session.refresh_from_db()
    assert (session.queued_at, session.assigned_at, session.state) == (early, None, SessionState.WAITING)


def test_wrap_up_begins_for_its_agent_and_ends_by_itself_or_early(
    contact: Contact, campaign: Campaign, ana: User
) -> None:
    Campaign.objects.update(wrap_up=30)
    session = services.take(make_session(contact, campaign), ana, NOW)
    services.close(session, make_supervisor(), NOW)
    assert [status(ana, NOW + timedelta(seconds=n)) for n in (0, 29, 30)] == [
        "wrap_up",
        "wrap_up",
        "available",
    ]
    presence.resume(ana, NOW + timedelta(seconds=5))
    assert status(ana, NOW + timedelta(seconds=6)) == "available"


@pytest.mark.parametrize("taken", [True, False], ids=["no wrap-up time", "it was only offered"])
def test_nobody_wraps_up_without_need(contact: Contact, campaign: Campaign, ana: User, taken: bool) -> None:
    Campaign.objects.update(wrap_up=0 if taken else 30)
    presence.seen(ana, NOW)
    session = make_session(contact, campaign, ana)
    if taken:
        services.take(session, ana, NOW)
    services.close(session, make_supervisor(), NOW)
    assert status(ana, NOW) == "available"
