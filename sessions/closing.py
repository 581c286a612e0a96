"""Closing interactions: by a person with a disposition, by themselves for want of messages; and opening them again."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Disposition
from providers import live, outbox
from providers.errors import Refusal
from providers.models import Contact, Direction, Message
from sessions import events, presence, transfers
from sessions.holding import assign_soon, closed, locked, may_answer_in
from sessions.models import (
    ChatSession,
    Ending,
    EventKind,
    Origin,
    Presence,
    PresenceState,
    SessionState,
    TransferEnding,
    Turn,
)
from sessions.service_level import MARKED, mark_abandoned

log = structlog.get_logger(__name__)
AT_ONCE = 100
ENDED = ("state", "closed_at", "closed_by", "ending", "disposition", "comment", "reschedule_at")


def close(
    session: ChatSession,
    user: User,
    now: datetime,
    disposition: Disposition | None = None,
    comment: str = "",
    reschedule_at: datetime | None = None,
) -> ChatSession:
    """Closes it for its holder or a supervisor; the 24-hour session with the customer goes on.

    Its agent wraps up for as long as the campaign says, whoever closes it.
    Refuses `closed` where it already is, `not_holder` (403) to everybody else; `disposition_required` where the
    campaign asks for one, `disposition_unfit` and `reschedule_past` (400).
    """
    with transaction.atomic():
        there = presence.lock(session.agent_id) if session.agent_id else None
        held = locked(session.pk)
        if held.state == SessionState.CLOSED:
            raise closed()
        if held.agent_id != user.pk and not user.is_supervisor:
            raise Refusal(
                "not_holder",
                _("Only its agent or a supervisor may close this interaction. Take it first."),
                status=403,
            )
        _require_disposition(held, disposition)
        if reschedule_at is not None and reschedule_at <= now:
            raise Refusal("reschedule_past", _("Choose a time that is still to come."), status=400)
        mark_abandoned(held, now)
        held.disposition, held.comment, held.reschedule_at = disposition, comment.strip(), reschedule_at
        in_hand = held.state == SessionState.ACTIVE
        end(held, Ending.PERSON, now, user)
        if in_hand and held.campaign and there and there.agent_id == held.agent_id:
            presence.begin_wrap_up(there, held.campaign.wrap_up, now)
        return held


def end(held: ChatSession, ending: Ending, now: datetime, user: User | None = None) -> None:
    """Closes a locked interaction, whoever does it, and saves it with the marks of the service level."""
    agent, queue = held.agent_id, held.campaign_id if held.state == SessionState.WAITING else None
    held.state, held.closed_at, held.closed_by, held.ending = SessionState.CLOSED, now, user, ending
    held.save(update_fields=[*MARKED, *ENDED])
    transfers.end(held, TransferEnding.OVER, now)
    events.add(held, EventKind.CLOSED, now, user=user, text=held.comment)
    live.tell_users([agent])
    live.tell_queues([queue] if queue else [])
    assign_soon()  # its agent has room for another one


def close_idle(now: datetime) -> int:
    """Closes what was answered and then had no message for as long as its campaign says, with the campaign's text.

    Who was not answered yet, or waits, is not sent away. Each in its own transaction; returns how many.
    """
    quiet = _quiet(now).order_by("active_at", "id").values_list("id", "contact")
    return sum(_close_idle(session_id, contact_id, now) for session_id, contact_id in quiet[:AT_ONCE])


def reopen_rescheduled(now: datetime) -> int:
    """Opens an interaction for each closed one that was rescheduled for now, offered to whoever closed it.

    In the campaign's queue where they may not answer there any more, or pause. Where one is open for the customer
    it is noted there. Each in its own transaction; returns how many.
    """
    due = _due(now).order_by("reschedule_at", "id").values_list("id", "contact", "closed_by")
    return sum(_reopen(*keys, now) for keys in due[:AT_ONCE])


def _quiet(now: datetime) -> QuerySet[ChatSession]:
    minutes = F("campaign__close_after") * timedelta(minutes=1)
    since = ExpressionWrapper(Value(now) - minutes, output_field=DateTimeField())
    return ChatSession.objects.filter(
        state=SessionState.ACTIVE,
        answered_at__isnull=False,
        campaign__close_after__gt=0,
        active_at__lte=since,
    )


def _close_idle(session_id: int, contact_id: int, now: datetime) -> bool:
    with transaction.atomic():
        contact = _free_contact(contact_id)
        free = _quiet(now).filter(id=session_id, contact=contact_id)
        free = free.select_for_update(of=("self",), skip_locked=True, no_key=True)
        unheard = Message.objects.filter(contact=contact_id, direction=Direction.IN, taken_up=False)
        if contact is None or not free or unheard.exists():
            return False
        held = locked(session_id)
        _say_goodbye(held, contact, now)
        end(held, Ending.IDLE, now)
    return True


def _say_goodbye(held: ChatSession, contact: Contact, now: datetime) -> None:
    """The closing text; a refused one is no obstacle."""
    text = held.campaign.close_text if held.campaign else ""
    if not text.strip():
        return
    try:
        with transaction.atomic():
            message = outbox.send(contact, outbox.compose_text(text), None, now)
            Turn.objects.create(session=held, message=message)
    except Refusal as refusal:
        log.info("close_text_refused", session=held.pk, code=refusal.code)


def _due(now: datetime) -> QuerySet[ChatSession]:
    return ChatSession.objects.filter(
        state=SessionState.CLOSED, reschedule_at__lte=now, reminded_at__isnull=True
    )


def _reopen(session_id: int, contact_id: int, agent_id: int | None, now: datetime) -> bool:
    with transaction.atomic():
        there = presence.lock(agent_id) if agent_id else None
        contact = _free_contact(contact_id)
        free = _due(now).filter(id=session_id, contact=contact_id)
        free = free.select_for_update(of=("self",), skip_locked=True, no_key=True)
        if contact is None or not free:
            return False
        before = locked(session_id)
        before.reminded_at = now
        before.save(update_fields=["reminded_at"])
        if contact.erased:
            return False
        still_open = ChatSession.objects.filter(contact=contact).exclude(state=SessionState.CLOSED).first()
        session = still_open or _again(before, there, now)
        events.add(session, EventKind.RESCHEDULED, now, user=before.closed_by, text=before.comment)
    return True


def _again(before: ChatSession, there: Presence | None, now: datetime) -> ChatSession:
    campaign = before.campaign if before.campaign and before.campaign.enabled else None
    agent = before.closed_by
    paused = there is not None and there.state == PresenceState.PAUSED
    if agent is None or campaign is None or paused or not may_answer_in(agent.pk, campaign.pk):
        agent = None
    session = ChatSession.objects.create(
        contact=before.contact,
        campaign=campaign,
        agent=agent,
        assigned_at=now if agent else None,
        origin=Origin.RESCHEDULED,
        opened_at=now,
        queued_at=now,
        active_at=now,
    )
    live.tell_users([agent.pk if agent else None])
    live.tell_queues([session.campaign_id])
    assign_soon()
    return session


def _free_contact(contact_id: int) -> Contact | None:
    """Locked; None where somebody else is at it just now."""
    free = Contact.objects.select_related("provider").select_for_update(
        of=("self",), skip_locked=True, no_key=True
    )
    return free.filter(id=contact_id).first()


def _require_disposition(held: ChatSession, disposition: Disposition | None) -> None:
    campaign = held.campaign
    if disposition is None:
        if campaign and campaign.disposition_modal and campaign.dispositions.filter(enabled=True).exists():
            raise Refusal(
                "disposition_required", _("Choose a disposition: the campaign asks how interactions ended.")
            )
        return
    if campaign is None or disposition.campaign_id != campaign.pk or not disposition.enabled:
        raise Refusal(
            "disposition_unfit", _("Choose a disposition of the interaction's own campaign."), status=400
        )
    if disposition.children.filter(enabled=True).exists():
        raise Refusal(
            "disposition_unfit",
            _("“%(name)s” has others below it. Choose one of those.") % {"name": disposition},
            status=400,
        )
