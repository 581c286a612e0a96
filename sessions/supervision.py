"""What supervisors do with interactions and agents of others: told to whom it concerns, and written down."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import Changes, record
from accounts.models import User
from campaigns.models import Campaign
from providers import live
from providers.errors import Refusal
from sessions import events, presence, services, transfers
from sessions.holding import closed, full_name, locked
from sessions.models import ChatSession, EventKind, PauseReason, Presence, SessionState, TransferEnding

AT_ONCE = 100  # interactions moved by one act


def watch(session: ChatSession, supervisor: User) -> None:
    """Notes that a supervisor looks into a conversation that a colleague holds."""
    if session.state == SessionState.ACTIVE and session.agent_id not in (None, supervisor.pk):
        note(session, Act.WATCHED)


def take_over(session: ChatSession, supervisor: User, now: datetime) -> ChatSession:
    """Makes it the supervisor's, whoever holds it or was offered it; the colleague is told.

    Refuses `closed`, `unrouted`, `own` where the supervisor holds it already, `supervisors_only` (403).
    """
    require_supervisor(supervisor)
    with transaction.atomic():
        presence.seen(supervisor, now)
        held = locked(session.pk)
        if held.state == SessionState.CLOSED:
            raise closed()
        if held.campaign is None:
            raise Refusal("unrouted", _("This interaction belongs to no campaign yet. Assign one first."))
        before = held.agent
        if before == supervisor and held.state == SessionState.ACTIVE:
            raise Refusal("own", _("You hold this interaction already."))
        held.agent, held.state, held.assigned_at, held.taken_at = supervisor, SessionState.ACTIVE, now, now
        held.save(update_fields=["agent", "state", "assigned_at", "taken_at"])
        transfers.end(held, TransferEnding.OVER, now)
        events.add(held, EventKind.TAKEN_OVER, now, user=supervisor, whom=before)
        note(held, Act.TAKEN_OVER, {"agent": (_name(before), _name(supervisor))})
        live.tell_users([supervisor.pk, before.pk if before else None])
        live.tell_queues([held.campaign_id])
        return held


def move(sessions: Sequence[ChatSession], supervisor: User, campaign: Campaign, now: datetime) -> list[str]:
    """Moves waiting interactions into another campaign's queue; unrouted ones are assigned to it.

    Returns the sentences of those that could not be moved, each by itself.
    """
    require_supervisor(supervisor)
    refused = []
    for session in sessions[:AT_ONCE]:
        try:
            _move(session, supervisor, campaign, now)
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


def give(sessions: Sequence[ChatSession], supervisor: User, agent: User, now: datetime) -> list[str]:
    """Offers waiting interactions to an agent of their campaign. Returns the sentences of those that were refused."""
    require_supervisor(supervisor)
    refused = []
    for session in sessions[:AT_ONCE]:
        try:
            with transaction.atomic():
                before = session.agent
                transfers.to_agent(session, supervisor, agent, "", now)
                note(session, Act.GIVEN, {"agent": (_name(before), _name(agent))})
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


def pause(agent: User, supervisor: User, reason: PauseReason | None, now: datetime) -> Presence:
    """Sends an agent to pause. Refuses as `presence.pause`."""
    with transaction.atomic():
        paused = presence.pause(agent, reason, now, by=supervisor)
        record(agent, Act.SENT_TO_PAUSE, {"reason": ("", str(reason or ""))})
        return paused


def require_supervisor(user: User) -> None:
    """Raises Refusal `supervisors_only` (403) for anybody else."""
    if not user.is_supervisor:
        raise Refusal("supervisors_only", _("Only a supervisor may do this."), status=403)


def note(session: ChatSession, act: Act, changes: Changes | None = None) -> None:
    """The record names no customer."""
    record(session, act, changes, name=f"{session.campaign or _('unrouted')} · {session.pk}")


def _move(session: ChatSession, supervisor: User, campaign: Campaign, now: datetime) -> None:
    with transaction.atomic():
        before = session.campaign
        if session.state != SessionState.WAITING:
            name = full_name(session.agent) if session.agent else "?"
            raise Refusal("taken", _("%(name)s has taken this interaction.") % {"name": name})
        if before is None:
            services.assign_campaign(session, campaign, now)
            events.add(session, EventKind.ASSIGNED, now, user=supervisor, campaign=campaign)
        else:
            transfers.to_campaign(session, supervisor, campaign, "", now)
        note(session, Act.MOVED, {"campaign": (str(before or ""), str(campaign))})


def _name(user: User | None) -> str:
    return full_name(user) if user else ""
