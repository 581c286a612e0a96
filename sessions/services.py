"""What people do with interactions: answer, assign to a campaign; taking, closing and presence are beside it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from providers import live, outbox
from providers.errors import Refusal
from providers.models import Contact, Message
from providers.outbox import Composed
from sessions.closing import close as close
from sessions.holding import ASSIGN_TASK as ASSIGN_TASK
from sessions.holding import assign_soon
from sessions.holding import closed as _closed
from sessions.holding import full_name as full_name
from sessions.holding import locked as _locked
from sessions.models import ChatSession, SessionState, Turn
from sessions.presence import seen as seen
from sessions.service_level import MARKED, mark_answered
from sessions.taking import hold
from sessions.taking import take as take
from sessions.taking import take_next as take_next


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
        hold(locked, author, now)
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
        locked.campaign, locked.queued_at = campaign, now
        locked.save(update_fields=["campaign", "queued_at"])
        live.tell_queues([None, campaign.pk])
        live.tell_contacts([locked.contact_id])
        assign_soon()
        return locked


def _already_sent(locked: ChatSession, submission: UUID) -> Message | None:
    turn = Turn.objects.select_related("message").filter(session=locked, submission=submission).first()
    return turn.message if turn else None
