"""Gives waiting interactions to agents: who may get one, who gets the next, and the pass that writes it down."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from accounts.roles import Role
from campaigns.models import Campaign, Member
from providers.locks import Lock, advisory_lock
from sessions.models import ChatSession, Presence, SessionState
from sessions.presence import present_since as present_since

BATCH = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of a campaign as the choice sees it. `open` counts all the agent's open interactions."""

    agent_id: int
    penalty: int = 0
    may_work: bool = True
    seen_at: datetime | None = None
    open: int = 0
    last_assigned_at: datetime | None = None


def may_get(candidate: Candidate, max_interactions: int, present_since: datetime) -> bool:
    """Strategy `nopause`: several at once, for whoever works, is present and has room (0 = no limit)."""
    present = candidate.seen_at is not None and candidate.seen_at >= present_since
    room = max_interactions == 0 or candidate.open < max_interactions
    return candidate.may_work and present and room


def choose(
    candidates: Iterable[Candidate], max_interactions: int, present_since: datetime
) -> Candidate | None:
    """Distribution `rrmemory`: the lowest penalty, then whoever waits longest since the last one given.

    Every other strategy and distribution is treated as `nopause` and `rrmemory` so far.
    """
    free = [candidate for candidate in candidates if may_get(candidate, max_interactions, present_since)]
    return min(free, key=_turn, default=None)


def _turn(candidate: Candidate) -> tuple[int, bool, float, int]:
    last = candidate.last_assigned_at
    return candidate.penalty, last is not None, last.timestamp() if last else 0.0, candidate.agent_id


def able_members() -> QuerySet[Member]:
    """Members whose account and role let them answer; one may come twice, once for each of their roles."""
    works = Q(agent__groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(agent__is_superuser=True)
    return Member.objects.filter(works, agent__is_active=True)


def assign(now: datetime) -> int:
    """Gives every waiting interaction that somebody has room for, oldest first. Returns how many were given."""
    given = 0
    with advisory_lock(Lock.ASSIGN) as held:
        while held and (batch := assign_batch(now)):
            given += batch
    return given


def assign_batch(now: datetime) -> int:
    """One transaction. Presence rows are locked before interactions, as `take` does, so neither waits in a ring."""
    with transaction.atomic():
        members = _members_wanted(now)
        seen = _locked_presence(members)
        pool = Pool(members, seen, now)
        sessions = list(
            ChatSession.objects.filter(
                state=SessionState.WAITING, agent=None, campaign__in=pool.campaigns_with_room()
            )
            .order_by("opened_at", "id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)[:BATCH]
        )
        given = [session for session in sessions if pool.give(session)]
        ChatSession.objects.bulk_update(given, ["agent", "assigned_at"])
        Member.objects.bulk_update(pool.remembered(), ["last_assigned_at"])
    return len(given)


def _members_wanted(now: datetime) -> list[Member]:
    """Members, present and able to work, of the campaigns where something waits."""
    waiting = ChatSession.objects.filter(state=SessionState.WAITING, agent=None, campaign__isnull=False)
    return list(
        able_members()
        .filter(campaign__in=waiting.values("campaign"), agent__presence__seen_at__gte=present_since(now))
        .select_related("campaign", "agent")
        .distinct()
    )


def _locked_presence(members: Sequence[Member]) -> dict[int, datetime]:
    rows = Presence.objects.filter(agent__in={member.agent_id for member in members})
    return {row.agent_id: row.seen_at for row in rows.order_by("agent_id").select_for_update()}


class Pool:
    """The agents who have room, campaign by campaign, while one batch is given out."""

    def __init__(self, members: Sequence[Member], seen: dict[int, datetime], now: datetime) -> None:
        self.now = now
        self.seen = seen
        self.handed_out = 0
        self.given: dict[int, Member] = {}
        self.members: dict[int, dict[int, Member]] = defaultdict(dict)
        for member in members:
            self.members[member.campaign_id][member.agent_id] = member
        counts = ChatSession.objects.filter(agent__in=seen).exclude(state=SessionState.CLOSED)
        self.open: dict[int, int] = dict(
            counts.order_by().values_list("agent").annotate(n=Count("id")).values_list("agent", "n")
        )

    def campaigns_with_room(self) -> list[int]:
        """Ids, so that a campaign without room does not stand in front of the others."""
        return [campaign_id for campaign_id in self.members if self._choose(campaign_id)]

    def give(self, session: ChatSession) -> bool:
        """Writes the chosen agent into the interaction, unsaved; False where nobody has room."""
        if session.campaign_id is None or (chosen := self._choose(session.campaign_id)) is None:
            return False
        member = self.members[session.campaign_id][chosen.agent_id]
        session.agent, session.assigned_at = member.agent, self.now
        self.open[chosen.agent_id] = chosen.open + 1
        # A microsecond apart, so that those given to in one pass keep their order.
        self.handed_out += 1
        member.last_assigned_at = self.now + timedelta(microseconds=self.handed_out)
        self.given[member.pk] = member
        return True

    def remembered(self) -> list[Member]:
        """The members who got something, with the time."""
        return list(self.given.values())

    def _choose(self, campaign_id: int) -> Candidate | None:
        members = self.members[campaign_id]
        campaign: Campaign = next(iter(members.values())).campaign
        candidates = (self._candidate(member) for member in members.values())
        return choose(candidates, campaign.max_interactions, present_since(self.now))

    def _candidate(self, member: Member) -> Candidate:
        return Candidate(
            agent_id=member.agent_id,
            penalty=member.penalty,
            seen_at=self.seen.get(member.agent_id),
            open=self.open.get(member.agent_id, 0),
            last_assigned_at=member.last_assigned_at,
        )
