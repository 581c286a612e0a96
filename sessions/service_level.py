"""The service level of one interaction: written into it once, when it is answered or abandoned.

Answered is an agent's first message, abandoned closed without one; the clock runs only inside the campaign's schedule.
"""

from datetime import datetime, timedelta

import structlog
from django.core.exceptions import ValidationError

from accounts.models import User
from campaigns.calendars import Days, days_of
from campaigns.models import Campaign
from campaigns.openings import openings
from campaigns.schedules import Hours, hours_of
from sessions.models import ChatSession

log = structlog.get_logger(__name__)
MARKED = ("answered_at", "answered_by", "served_in", "waited", "in_time")


def mark_answered(session: ChatSession, agent: User, now: datetime) -> None:
    """An agent's first message leaves. Unsaved; save the fields named in MARKED. Harmless where it was answered."""
    if session.answered_at is not None:
        return
    session.answered_at, session.answered_by = now, agent
    _mark(session, now)


def mark_abandoned(session: ChatSession, now: datetime) -> None:
    """It is closed without an agent's message. Unsaved; save the fields named in MARKED."""
    if session.answered_at is None:
        _mark(session, now)


def clock_of(campaign: Campaign, days: Days | None) -> Hours | None:
    """The hours in which a campaign's clock runs, with the days of its calendar; None = always."""
    try:
        hours = hours_of(campaign.schedule, campaign.time_zone, *([days] if days else []))
    except ValidationError:  # only a row written past the form
        log.warning("schedule_unreadable", campaign=campaign.pk)
        return None
    return hours if hours.spans or days else None


def on_the_clock(clock: Hours | None, since: datetime, until: datetime) -> timedelta:
    """How much of a span of time lies inside the hours."""
    if clock is None or until <= since:
        return max(until - since, timedelta())
    spans = openings([clock], since, until - since)
    return sum((end - start for start, end in spans), timedelta())


def _mark(session: ChatSession, now: datetime) -> None:
    campaign = session.campaign
    if campaign is None:
        return
    calendar, since = campaign.calendar, session.opened_at
    days = days_of([calendar], since)[calendar.pk] if calendar else None
    waited = on_the_clock(clock_of(campaign, days), since, now)
    session.served_in = campaign
    session.waited = int(waited.total_seconds())
    session.in_time = waited <= timedelta(seconds=campaign.service_level)
