"""What people do with interactions: take, answer, assign to a campaign; closing and presence are beside it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign, Member
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact, Message
from providers.outbox import Composed
from sessions import transfers
from sessions.closing import close as close
from sessions.holding import ASSIGN_TASK as ASSIGN_TASK
from sessions.holding import assign_soon
from sessions.holding import closed as _closed
from sessions.holding import full_name as full_name
from sessions.holding import locked as _locked
from sessions.holding import taken as _taken
from sessions.models import ChatSession, SessionState, Turn
from sessions.presence import seen as seen
from sessions.service_level import MARKED, mark_answered


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


def assign_campaign(session: ChatSession, campaign: Campaign, now: datetime) -> ChatSession:
    """Brings an unrouted interaction into a campaign, where it waits for an agent.

    Refuses `closed`, `routed` where it already has a campaign, `campaign_disabled`.
    """
    with transaction.atomic():
        locked = _locked(session.pk)
        if locked.state == SessionState.CLOSED:
            raise _closed()
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
        assign_soon()
        return locked


def _take(locked: ChatSession, agent: User, now: datetime) -> ChatSession:
    if locked.state == SessionState.CLOSED:
        raise _closed()
    if locked.state == SessionState.ACTIVE:
        if locked.agent_id != agent.pk:
            raise _taken(locked)
        return locked
    _require_member(locked, agent)
    if locked.agent_id is None:
        _require_room(locked, agent)
    if locked.agent_id != agent.pk:
        locked.agent, locked.assigned_at = agent, now
    transfers.taken(locked, agent, now)
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
