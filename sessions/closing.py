"""Closing interactions: by a person with a disposition, by themselves for want of messages; and opening them again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Disposition
from providers import live
from providers.errors import Refusal
from sessions import events, presence, transfers
from sessions.holding import assign_soon, closed, locked
from sessions.models import ChatSession, Ending, EventKind, SessionState, TransferEnding
from sessions.service_level import MARKED, mark_abandoned

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

    Refuses `closed` where it already is, `not_holder` (403) to everybody else; `disposition_required` where the
    campaign asks for one, `disposition_unfit` and `reschedule_past` (400).
    """
    with transaction.atomic():
        presence.lock(session.agent_id) if session.agent_id else None
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
        end(held, Ending.PERSON, now, user)
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
    """Closes what had no message for as long as its campaign says. Returns how many."""
    return 0


def reopen_rescheduled(now: datetime) -> int:
    """Opens an interaction for each closed one that was rescheduled for now. Returns how many."""
    return 0


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
