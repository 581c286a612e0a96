"""Messages in interactions that an agent has: many at a time, as most of what customers write is no more than that."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns.models import Campaign
from providers import live
from providers.models import Contact
from providers.records import bigints
from sessions.automatic import speaks
from sessions.models import ChatSession, SessionState, Turn

Waiting = tuple[int, int]  # ids of a message and its contact
TAKE_UP = """
UPDATE providers_message SET taken_up = true
WHERE id = ANY(%s::bigint[]) AND contact_id = ANY(%s::bigint[]) AND NOT taken_up RETURNING id, contact_id
"""


def go_on(waiting: Sequence[Waiting], now: datetime) -> int:
    """Adds each message to the interaction of the agent who has its contact. One transaction; the number of queries
    grows with the campaigns that have an out-of-time text alone.

    Left to be routed by themselves: whoever has no such interaction, whom the campaign has something to say to by
    itself, and whose rows somebody else holds just now. Returns how many were added.
    """
    contacts = _answered({contact_id for _id, contact_id in waiting})
    if not contacts:
        return 0
    with transaction.atomic():
        sessions = {session.contact_id: session for session in _quiet(_held(contacts), now)}
        with connection.cursor() as cursor:
            cursor.execute(TAKE_UP, [bigints(pk for pk, _contact in waiting), bigints(sessions)])
            taken = sorted(cursor.fetchall())
        Turn.objects.bulk_create(Turn(session=sessions[contact], message_id=pk) for pk, contact in taken)
        changed = {contact: sessions[contact] for _pk, contact in taken}
        ChatSession.objects.filter(pk__in=[one.pk for one in changed.values()]).update(active_at=now)
        for session in changed.values():
            tell(session)
    return len(taken)


def tell(session: ChatSession) -> None:
    """Whom a message in it concerns: who has it open, its agent and, while it waits, its queue."""
    live.tell_contacts([session.contact_id])
    live.tell_users([session.agent_id], about=session.contact_id)
    if session.state == SessionState.WAITING:
        live.tell_queues([session.campaign_id])


def _of_agents(contacts: Collection[int]) -> QuerySet[ChatSession]:
    sessions = ChatSession.objects.filter(contact__in=contacts, agent__isnull=False)
    return sessions.exclude(state=SessionState.CLOSED)


def _answered(contacts: Collection[int]) -> list[int]:
    """Those whom agents have; nothing is locked."""
    return list(_of_agents(contacts).values_list("contact", flat=True))


def _held(contacts: Collection[int]) -> list[ChatSession]:
    """Open interactions of agents, contacts and interactions locked; nothing is waited for."""
    free = Contact.objects.filter(pk__in=contacts).order_by("pk")
    locked = free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    shown = _of_agents(list(locked)).only("contact", "campaign", "agent", "state", "out_of_time_at")
    return list(shown.order_by("pk").select_for_update(skip_locked=True, no_key=True))


def _quiet(sessions: Sequence[ChatSession], now: datetime) -> list[ChatSession]:
    """Without those whose customer would read now that the campaign is closed."""
    wanted = {session.campaign_id for session in sessions if session.out_of_time_at is None}
    campaigns = Campaign.objects.select_related("calendar").exclude(out_of_time="").in_bulk(wanted - {None})
    speaking = {pk for pk, campaign in campaigns.items() if speaks(campaign, now)}
    return [one for one in sessions if one.out_of_time_at or one.campaign_id not in speaking]
