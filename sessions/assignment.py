"""Gives waiting interactions to agents: the pass that reads who is there, has it decided, and writes it down."""

from collections.abc import Collection, Sequence
from datetime import datetime
from random import Random, SystemRandom

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet

from accounts.roles import Role
from campaigns.models import Campaign, Member
from providers import live
from providers.locks import Lock, advisory_lock
from sessions.models import ChatSession, Presence, SessionState
from sessions.pool import Pool
from sessions.presence import available, status_of
from sessions.presence import present_since as present_since
from sessions.strategies import OFFERED_TO_ALL, is_given

BATCH = 500

# The agent who had the contact's last interaction in the same campaign.
LAST_AGENTS = """
SELECT DISTINCT ON (w.id) w.id, e.agent_id FROM chat_sessions_chatsession w
JOIN chat_sessions_chatsession e ON e.contact_id = w.contact_id AND e.campaign_id = w.campaign_id
WHERE w.id = ANY(%s) AND e.state = 'closed' AND e.agent_id IS NOT NULL AND e.taken_at IS NOT NULL
ORDER BY w.id, e.closed_at DESC, e.id DESC
"""
GIVE = """
UPDATE chat_sessions_chatsession s SET agent_id = v.agent, assigned_at = %s
FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, agent) WHERE s.id = v.id
"""
REMEMBER = """
UPDATE campaigns_member m SET turn = v.turn, last_assigned_at = v.at
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS v(id, turn, at) WHERE m.id = v.id
"""
Waiting = tuple[int, int, int]  # ids of the interaction, its campaign and its contact


def able_members() -> QuerySet[Member]:
    """Members whose account and role let them answer; one may come twice, once for each of their roles."""
    works = Q(agent__groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(agent__is_superuser=True)
    return Member.objects.filter(works, agent__is_active=True)


def assign(now: datetime, random: Random | None = None) -> int:
    """Gives every waiting interaction that somebody has room for, oldest first. Returns how many were given."""
    given = 0
    with advisory_lock(Lock.ASSIGN) as held:
        while held and (batch := assign_batch(now, random or SystemRandom())):
            given += batch
    return given


def assign_batch(now: datetime, random: Random) -> int:
    """One transaction of bounded queries. Returns how many were given.

    Presence rows are locked before interactions, as `take` does, so neither waits in a ring; what somebody takes
    just now is left out.
    """
    with transaction.atomic():
        pool = _pool(now, random)
        campaigns = pool.with_room()
        if not campaigns:
            return 0
        waiting: list[Waiting] = list(
            ChatSession.objects.filter(state=SessionState.WAITING, agent=None, campaign__in=campaigns)
            .order_by("opened_at", "id")
            .select_for_update(skip_locked=True, no_key=True)
            .values_list("id", "campaign_id", "contact_id")[: pool.room(BATCH)]
        )
        last = _last_agents([pk for pk, _campaign, _contact in waiting])
        chosen = [(one, pool.give(one[1], last.get(one[0]), now)) for one in waiting]
        given = [(one, agent) for one, agent in chosen if agent is not None]
        if given:
            _write(given, pool.remembered(), now)
    return len(given)


def free_places(campaign: Campaign, now: datetime, most: int) -> int:
    """How many of the campaign's interactions would be given at once, `most` at most. Locks nothing."""
    if not is_given(campaign.strategy):
        return 0
    members = list(able_members().filter(available(now, "agent__presence__"), campaign=campaign).distinct())
    held = _held({member.agent_id for member in members})
    return Pool(members, {campaign.pk: campaign}, held, {campaign.pk: 0}, SystemRandom()).room(most)


def _held(agents: Collection[int]) -> dict[int, int]:
    """How many interactions each agent holds open, in any campaign."""
    held = ChatSession.objects.filter(agent__in=agents).exclude(state=SessionState.CLOSED)
    return dict(held.order_by().values_list("agent").annotate(n=Count("id")).values_list("agent", "n"))


def _pool(now: datetime, random: Random) -> Pool:
    """Who may get something of the campaigns where something waits to be given. Their presence is locked."""
    waiting = ChatSession.objects.filter(state=SessionState.WAITING, agent=None, campaign__isnull=False)
    wanted = Campaign.objects.filter(pk__in=waiting.values("campaign")).exclude(strategy__in=OFFERED_TO_ALL)
    campaigns = wanted.only("strategy", "distribution", "max_interactions").in_bulk()
    members = list(
        able_members().filter(available(now, "agent__presence__"), campaign__in=campaigns).distinct()
    )
    presences = Presence.objects.filter(agent__in={member.agent_id for member in members})
    locked = list(presences.order_by("agent_id").select_for_update())
    there = {one.agent_id for one in locked if status_of(one, now) == "available"}
    orders = Member.objects.filter(campaign__in=campaigns).order_by().values_list("campaign")
    clocks = dict(orders.annotate(clock=Max("turn")).values_list("campaign", "clock"))
    present = [member for member in members if member.agent_id in there]
    return Pool(present, campaigns, _held(there), {pk: clocks.get(pk, 0) for pk in campaigns}, random)


def _last_agents(session_ids: Sequence[int]) -> dict[int, int]:
    """Whom returning customers spoke to last in the same campaign, by the id of what waits."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_AGENTS, [list(session_ids)])
        return dict(cursor.fetchall())


def _write(given: Sequence[tuple[Waiting, int]], members: Sequence[Member], now: datetime) -> None:
    agents = [agent for _one, agent in given]
    with connection.cursor() as cursor:
        cursor.execute(GIVE, [now, [one[0] for one, _agent in given], agents])
        cursor.execute(
            REMEMBER,
            [
                [member.pk for member in members],
                [member.turn for member in members],
                [member.last_assigned_at for member in members],
            ],
        )
    live.tell_users(agents)
    live.tell_queues({one[1] for one, _agent in given})
    live.tell_contacts(one[2] for one, _agent in given)
