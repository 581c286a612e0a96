"""Who of a campaign's members is there, and in what state."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from accounts.models import User
from campaigns.models import Campaign
from sessions.assignment import able_members
from sessions.models import ChatSession, Presence, SessionState
from sessions.presence import present_since, status_of

ORDER = ("free", "busy", "paused", "offline")
QUEUE_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Staff:
    """Members who may work: there and `free`, `busy` with an interaction or its wrap-up, `paused`; all `members`."""

    free: int = 0
    busy: int = 0
    paused: int = 0
    members: int = 0

    @property
    def present(self) -> int:
        """There and not paused."""
        return self.free + self.busy


def staff(campaigns: Iterable[Campaign], now: datetime) -> dict[int, Staff]:
    """By campaign. Three queries."""
    members = list(able_members().filter(campaign__in=campaigns).values_list("campaign", "agent").distinct())
    agents = {agent for _campaign, agent in members}
    states = {
        presence.agent_id: presence
        for presence in Presence.objects.filter(agent__in=agents, seen_at__gte=present_since(now))
    }
    held = _held(states)
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for campaign, agent in members:
        counts[campaign]["members"] += 1
        if agent in states:
            counts[campaign][_state(states[agent], held.get(agent, 0), now)] += 1
    return {campaign: Staff(**counted) for campaign, counted in counts.items()}


def _state(presence: Presence, held: int, now: datetime) -> str:
    status = status_of(presence, now)
    if status == "available":
        return "busy" if held else "free"
    return "busy" if status == "wrap_up" else status


def _held(agents: Iterable[int]) -> dict[int, int]:
    """How many interactions each of them has taken and not closed."""
    active = ChatSession.objects.filter(agent__in=list(agents), state=SessionState.ACTIVE)
    counted = active.order_by().values_list("agent").annotate(n=Count("id"))
    return dict(counted.values_list("agent", "n"))


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of a campaign as the board shows them. `since`: in this state; None for who is not there."""

    agent: User
    state: str
    held: int
    since: datetime | None
    reason: str = ""


def agents_of(campaign: Campaign, now: datetime) -> list[Seat]:
    """Its members who may work, those who are there first, then by name. Four queries."""
    people = list(members_of(campaign).order_by("first_name", "last_name", "username"))
    here = Presence.objects.filter(agent__in=people, seen_at__gte=present_since(now)).select_related("reason")
    states = {presence.agent_id: presence for presence in here}
    held = _held(person.pk for person in people)
    seats = [_seat(person, states.get(person.pk), held.get(person.pk, 0), now) for person in people]
    return sorted(seats, key=lambda seat: ORDER.index(seat.state))


def members_of(campaign: Campaign) -> QuerySet[User]:
    """A campaign's members who may work."""
    return User.objects.filter(pk__in=able_members().filter(campaign=campaign).values("agent"))


def _seat(person: User, presence: Presence | None, held: int, now: datetime) -> Seat:
    if presence is None:
        return Seat(person, "offline", held, None)
    state = _state(presence, held, now)
    reason = str(presence.reason) if state == "paused" and presence.reason else ""
    return Seat(person, state, held, presence.since, reason)


def queue_of(campaign: Campaign) -> list[ChatSession]:
    """What waits in it, offered ones too, the oldest first; the first hundred."""
    waiting = ChatSession.objects.filter(campaign=campaign, state=SessionState.WAITING)
    return list(waiting.select_related("contact", "agent").order_by("opened_at", "id")[:QUEUE_SHOWN])


def held_in(campaign: Campaign) -> list[ChatSession]:
    """What its agents have taken and not closed, the longest without a message first; the first hundred."""
    active = ChatSession.objects.filter(campaign=campaign, state=SessionState.ACTIVE)
    return list(active.select_related("contact", "agent").order_by("active_at", "id")[:QUEUE_SHOWN])
