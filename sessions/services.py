"""What people do with interactions: take, answer, close, assign to a campaign; and being seen at the desk."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign, Member
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact, Message
from providers.outbox import Composed
from providers.wake import wake
from sessions.models import ChatSession, Ending, SessionState, Turn
from sessions.presence import seen as seen
from sessions.service_level import MARKED, mark_abandoned, mark_answered

ASSIGN_TASK = "sessions.assign"

# Rows are always locked in this order: presence of the agent, contact, interaction.


def take(session: ChatSession, agent: User, now: datetime) -> ChatSession:
    """Makes a waiting interaction the agent's, even one that was only offered to a colleague.

    Harmless for who already holds it. Refuses `taken` (names the holder), `closed`, `not_member` (403),
    `unrouted`, and `max_interactions` for one that nobody was offered.
    """
    with transaction.atomic():
        seen(agent, now)
        return _take(_locked(session.pk), agent, now)


def take_next(agent: User, now: datetime) -> ChatSession | None:
    """Takes the oldest one offered to the agent, else the oldest in their campaigns' queues; None when none waits."""
    with transaction.atomic():
        seen(agent, now)
        waiting = (
            ChatSession.objects.filter(state=SessionState.WAITING)
            .order_by("opened_at", "id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )
        mine = Member.objects.filter(agent=agent).values("campaign")
        session = waiting.filter(agent=agent).first() or waiting.filter(agent=None, campaign__in=mine).first()
        return _take(session, agent, now) if session else None


def answer(
    session: ChatSession, author: User, composed: Composed, now: datetime, submission: UUID | None = None
) -> Message:
    """Sends the holder's answer; a waiting interaction is taken first. Returns the message, queued.

    `submission` makes it idempotent: the same one again returns the message that it already made.
    Refuses as `take` does, and whatever the gate refuses (`window_closed`, `do_not_call`, …).
    """
    with transaction.atomic():
        seen(author, now)
        contact = (
            Contact.objects.select_related("provider")
            .select_for_update(of=("self",), no_key=True)
            .get(id=session.contact_id)
        )
        locked = _locked(session.pk)
        if locked.contact_id != contact.pk:
            raise Refusal(
                "contact_changed",
                _("This conversation has just been given to another contact. Look at it again, then write."),
            )
        if submission and (message := _already_sent(locked, submission)):
            return message
        _take(locked, author, now)
        message = outbox.send(contact, composed, author, now)
        Turn.objects.create(session=locked, message=message, submission=submission)
        mark_answered(locked, author, now)
        locked.active_at = now
        locked.save(update_fields=[*MARKED, "active_at"])
        return message


def close(session: ChatSession, user: User, now: datetime) -> ChatSession:
    """Closes it for its holder or a supervisor; the 24-hour session with the customer goes on.

    Refuses `closed` where it already is, `not_holder` (403) to everybody else.
    """
    with transaction.atomic():
        locked = _locked(session.pk)
        if locked.state == SessionState.CLOSED:
            raise _closed(locked)
        if locked.agent_id != user.pk and not user.is_supervisor:
            raise Refusal(
                "not_holder",
                _("Only its agent or a supervisor may close this interaction. Take it first."),
                status=403,
            )
        mark_abandoned(locked, now)
        locked.state, locked.closed_at, locked.closed_by = SessionState.CLOSED, now, user
        locked.ending = Ending.PERSON
        locked.save(update_fields=[*MARKED, "state", "closed_at", "closed_by", "ending"])
        transaction.on_commit(partial(wake, ASSIGN_TASK))  # its agent has room for another one
        return locked


def assign_campaign(session: ChatSession, campaign: Campaign, now: datetime) -> ChatSession:
    """Brings an unrouted interaction into a campaign, where it waits for an agent.

    Refuses `closed`, `routed` where it already has a campaign, `campaign_disabled`.
    """
    with transaction.atomic():
        locked = _locked(session.pk)
        if locked.state == SessionState.CLOSED:
            raise _closed(locked)
        if locked.campaign is not None:
            raise Refusal(
                "routed",
                _("This interaction is in the campaign %(name)s already.") % {"name": locked.campaign},
            )
        if not campaign.enabled:
            raise Refusal(
                "campaign_disabled",
                _("The campaign %(name)s is not enabled. Enable it or choose another one.")
                % {"name": campaign},
            )
        locked.campaign = campaign
        locked.save(update_fields=["campaign"])
        transaction.on_commit(partial(wake, ASSIGN_TASK))
        return locked


def full_name(user: User) -> str:
    """How colleagues are called on pages."""
    return user.get_full_name() or user.get_username()


def _locked(session_id: int) -> ChatSession:
    """Locks, then reads: what a locking query joins is as old as the query, whoever held the lock meanwhile."""
    ChatSession.objects.select_for_update(no_key=True).get(id=session_id)
    return ChatSession.objects.select_related("campaign", "agent", "contact__provider").get(id=session_id)


def _take(locked: ChatSession, agent: User, now: datetime) -> ChatSession:
    if locked.state == SessionState.CLOSED:
        raise _closed(locked)
    if locked.state == SessionState.ACTIVE:
        if locked.agent_id != agent.pk:
            raise _taken(locked)
        return locked
    _require_member(locked, agent)
    if locked.agent_id is None:
        _require_room(locked, agent)
    if locked.agent_id != agent.pk:
        locked.agent, locked.assigned_at = agent, now
    locked.state, locked.taken_at = SessionState.ACTIVE, now
    locked.save(update_fields=["agent", "assigned_at", "state", "taken_at"])
    return locked


def _require_member(locked: ChatSession, agent: User) -> None:
    if locked.campaign_id is None:
        raise Refusal(
            "unrouted",
            _("This interaction belongs to no campaign yet. A supervisor assigns one on the desk."),
        )
    member = Member.objects.filter(campaign_id=locked.campaign_id, agent=agent)
    if locked.agent_id != agent.pk and not agent.is_supervisor and not member.exists():
        raise Refusal(
            "not_member",
            _("You are not a member of the campaign %(name)s. A supervisor can add you.")
            % {"name": locked.campaign},
            status=403,
        )


def _require_room(locked: ChatSession, agent: User) -> None:
    """The agent's presence row is locked, so no other interaction comes in between."""
    most = locked.campaign.max_interactions if locked.campaign else 0
    held = ChatSession.objects.filter(agent=agent).exclude(state=SessionState.CLOSED).count()
    if most and held >= most:
        raise Refusal(
            "max_interactions",
            _(
                "You have %(held)d open interactions and the campaign allows %(most)d at a time. Close one first."
            )
            % {"held": held, "most": most},
        )


def _already_sent(locked: ChatSession, submission: UUID) -> Message | None:
    turn = Turn.objects.select_related("message").filter(session=locked, submission=submission).first()
    return turn.message if turn else None


def _taken(locked: ChatSession) -> Refusal:
    name = full_name(locked.agent) if locked.agent else "?"
    return Refusal("taken", _("%(name)s has taken this interaction.") % {"name": name})


def _closed(locked: ChatSession) -> Refusal:
    return Refusal("closed", _("This interaction is closed. The customer's next message opens a new one."))
