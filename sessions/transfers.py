"""Transfers to a colleague or to another campaign, which return to their sender when nobody takes them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from providers import live
from providers.errors import Refusal
from sessions import events
from sessions.holding import able, assign_soon, closed, full_name, locked, may_answer_in
from sessions.models import (
    ChatSession,
    EventKind,
    Presence,
    PresenceState,
    SessionState,
    Transfer,
    TransferEnding,
)

AT_ONCE = 100
MOVED = ("campaign", "agent", "state", "assigned_at", "taken_at", "queued_at")


def to_agent(session: ChatSession, sender: User, agent: User, note: str, now: datetime) -> ChatSession:
    """Offers it to a colleague, who finds the note in it; for its holder or a supervisor.

    Refuses `closed`, `not_holder` (403), `unrouted`, `transfer_to_self`, `agent_unable`, `not_member`,
    `agent_paused`. How many the colleague has already is no obstacle: a person has chosen them.
    """
    with transaction.atomic():
        presence = Presence.objects.select_for_update(of=("self",)).filter(agent=agent).first()
        held = _held(session.pk, sender)
        _require_fit(held, sender, agent, presence)
        _begin(held, sender, note, now, agent=agent)
        held.agent, held.assigned_at = agent, now
        _wait(held)
        events.add(held, EventKind.TRANSFERRED, now, user=sender, whom=agent, text=note)
        live.tell_users([sender.pk, agent.pk])
        return held


def to_campaign(
    session: ChatSession, sender: User, campaign: Campaign, note: str, now: datetime
) -> ChatSession:
    """Puts it into another campaign's queue, at its end; for its holder or a supervisor.

    Refuses `closed`, `not_holder` (403), `unrouted`, `same_campaign`, `other_provider`, `campaign_disabled`.
    """
    with transaction.atomic():
        held = _held(session.pk, sender)
        _require_way(held, campaign)
        _begin(held, sender, note, now, campaign=campaign)
        before = held.campaign_id
        held.campaign, held.agent, held.assigned_at, held.queued_at = campaign, None, None, now
        _wait(held)
        events.add(held, EventKind.TRANSFERRED, now, user=sender, campaign=campaign, text=note)
        live.tell_users([sender.pk])
        live.tell_queues([before, campaign.pk])
        assign_soon()
        return held


def end(session: ChatSession, ending: TransferEnding, now: datetime) -> None:
    """Ends the transfer that is on its way, if there is one; its interaction is locked. One statement."""
    Transfer.objects.filter(session=session, ended_at=None).update(ended_at=now, ending=ending)


def taken(session: ChatSession, agent: User, now: datetime) -> None:
    """An agent takes the interaction: the transfer has arrived, or somebody else was faster. It is locked."""
    way = Transfer.objects.filter(session=session, ended_at=None).first()
    if way is not None:
        arrived = agent.pk == way.to_agent_id if way.to_agent_id else agent.pk != way.sender_id
        end(session, TransferEnding.TAKEN if arrived else TransferEnding.OVER, now)


def return_overdue(now: datetime) -> int:
    """Gives transfers that nobody has taken in time back to their senders, each in its own transaction.

    Returns how many. To the campaign's queue where the sender may not answer any more.
    """
    due = Transfer.objects.filter(ended_at=None, due_at__lte=now).order_by("due_at", "id")
    return sum(_return_one(session_id, now) for session_id in due.values_list("session", flat=True)[:AT_ONCE])


def withdraw(held: ChatSession, now: datetime) -> None:
    """Takes a locked interaction from an agent who is not there for it, or may not answer any more.

    To the queue; what a colleague has transferred to them, and they have not taken, returns to that colleague.
    """
    way = Transfer.objects.filter(session=held, ended_at=None, to_agent=held.agent).first()
    if way is not None:
        _give_to_sender(held, way, now)
    else:
        release(held, now)


def release(held: ChatSession, now: datetime) -> None:
    """Back to its queue; what was only offered keeps its place there. It is locked."""
    left = held.agent
    if held.state == SessionState.ACTIVE:
        held.queued_at = now
    held.agent, held.assigned_at = None, None
    _wait(held)
    events.add(held, EventKind.GIVEN_BACK, now, whom=left)
    live.tell_users([left.pk if left else None])
    live.tell_queues([held.campaign_id])
    assign_soon()


def _held(session_id: int, sender: User) -> ChatSession:
    """The interaction, locked, for who may transfer it."""
    held = locked(session_id)
    if held.state == SessionState.CLOSED:
        raise closed()
    if held.agent_id != sender.pk and not sender.is_supervisor:
        raise Refusal(
            "not_holder",
            _("Only its agent or a supervisor may transfer this interaction. Take it first."),
            status=403,
        )
    if held.campaign is None:
        raise Refusal(
            "unrouted",
            _("This interaction belongs to no campaign yet. A supervisor assigns one on the desk."),
        )
    return held


def _require_fit(held: ChatSession, sender: User, agent: User, presence: Presence | None) -> None:
    names = {"name": full_name(agent), "campaign": held.campaign}
    if agent.pk in (sender.pk, held.agent_id):
        raise Refusal("transfer_to_self", _("Choose another agent: %(name)s has it already.") % names)
    if not able(agent.pk):
        raise Refusal("agent_unable", _("%(name)s may not answer customers. Choose another agent.") % names)
    if not may_answer_in(agent.pk, held.campaign_id):
        raise Refusal(
            "not_member",
            _("%(name)s is no member of the campaign %(campaign)s. A supervisor can add them.") % names,
        )
    if presence is not None and presence.state == PresenceState.PAUSED:
        raise Refusal("agent_paused", _("%(name)s is paused. Choose another agent.") % names)


def _require_way(held: ChatSession, campaign: Campaign) -> None:
    names = {"name": campaign}
    if held.campaign_id == campaign.pk:
        raise Refusal("same_campaign", _("This interaction is in the campaign %(name)s already.") % names)
    if campaign.provider_id != held.contact.provider_id:
        raise Refusal(
            "other_provider",
            _("The campaign %(name)s writes from another number. Choose one of the same provider.") % names,
        )
    if not campaign.enabled:
        raise Refusal(
            "campaign_disabled",
            _("The campaign %(name)s is not enabled. Enable it or choose another one.") % names,
        )


def _begin(
    held: ChatSession,
    sender: User,
    note: str,
    now: datetime,
    agent: User | None = None,
    campaign: Campaign | None = None,
) -> None:
    """The transfer's row: it returns to who held it. What nobody held is only moved on, and does not return."""
    end(held, TransferEnding.OVER, now)
    holder = held.agent if held.state == SessionState.ACTIVE or held.agent_id == sender.pk else None
    if holder is None or held.campaign is None:
        return
    patience = held.campaign.max_transfer_time
    Transfer.objects.create(
        session=held,
        sender=holder,
        sender_campaign=held.campaign,
        to_agent=agent,
        to_campaign=campaign,
        note=note,
        at=now,
        due_at=now + timedelta(seconds=patience) if patience else None,
    )


def _wait(held: ChatSession) -> None:
    held.state, held.taken_at = SessionState.WAITING, None
    held.save(update_fields=MOVED)


def _return_one(session_id: int, now: datetime) -> bool:
    with transaction.atomic():
        free = ChatSession.objects.select_for_update(no_key=True, skip_locked=True)
        if not free.filter(id=session_id).exists():
            return False
        way = Transfer.objects.filter(session=session_id, ended_at=None, due_at__lte=now).first()
        if way is None:
            return False
        _give_to_sender(locked(session_id), way, now)
    return True


def _give_to_sender(held: ChatSession, way: Transfer, now: datetime) -> None:
    """Back to the sender, who holds it as before; to the campaign's queue where they may not answer any more."""
    offered_to, queue = held.agent_id, held.campaign_id
    held.campaign = way.sender_campaign
    back = way.sender if able(way.sender_id) else None
    if back is not None:
        held.agent, held.state, held.assigned_at, held.taken_at = back, SessionState.ACTIVE, now, now
        held.save(update_fields=MOVED)
    else:
        held.agent, held.assigned_at, held.queued_at = None, None, now
        _wait(held)
        assign_soon()
    end(held, TransferEnding.RETURNED, now)
    events.add(held, EventKind.RETURNED, now, whom=way.to_agent, campaign=way.to_campaign)
    live.tell_users([way.sender_id, offered_to])
    live.tell_queues([queue, held.campaign_id])
