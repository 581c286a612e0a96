"""What the campaign says by itself in an interaction: through the gate, and no obstacle where that refuses."""

from datetime import datetime

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns.calendars import days_at
from campaigns.models import Campaign
from campaigns.schedules import is_open
from providers import outbox
from providers.errors import Refusal
from providers.models import Contact
from sessions.models import ChatSession, Turn

log = structlog.get_logger(__name__)


def say(session: ChatSession, contact: Contact, text: str, now: datetime) -> bool:
    """Queues the text as a turn of the interaction, which is locked as its contact is. False where the gate refuses."""
    try:
        with transaction.atomic():
            message = outbox.send(contact, outbox.compose_text(text), None, now)
            Turn.objects.create(session=session, message=message)
            ChatSession.objects.filter(id=session.pk).update(active_at=now)
    except Refusal as refusal:
        log.info("automatic_text_refused", session=session.pk, code=refusal.code)
        return False
    return True


def in_time(campaign: Campaign, now: datetime) -> bool:
    """Whether the campaign's schedule and calendar are open."""
    try:
        return is_open(campaign.schedule, campaign.time_zone, now, days_at(campaign.calendar, now))
    except ValidationError:  # only a row written past the form; a broken schedule must not stop routing
        log.warning("schedule_unreadable", campaign=campaign.pk)
        return True


def speaks(campaign: Campaign, now: datetime) -> bool:
    """Whether who writes now is to read that the campaign is closed."""
    return bool(campaign.out_of_time.strip()) and not in_time(campaign, now)


def answer_out_of_time(session: ChatSession, contact: Contact, now: datetime) -> None:
    """The campaign's text for who writes outside its schedule, once per interaction."""
    campaign = session.campaign
    if campaign is None or session.out_of_time_at or not speaks(campaign, now):
        return
    if say(session, contact, campaign.out_of_time, now):
        session.out_of_time_at = now
        session.save(update_fields=["out_of_time_at"])
