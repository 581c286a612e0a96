"""Wrong with who waits: longer than a campaign's thresholds, or more than its queue takes, while it is open."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Count, Min, Q

from campaigns.calendars import days_of
from campaigns.models import Campaign
from campaigns.schedules import is_open, no_days
from sessions.models import ChatSession, SessionState
from ucontact_wavy.alerts.findings import Finding
from ucontact_wavy.models import AlertKind, AlertLevel

NEARLY = 0.8  # of what a queue takes: below it is full no more


def queues(now: datetime) -> Iterator[Finding]:
    """Campaigns with a threshold whose customers wait beyond it. Three queries, of what is open alone."""
    limited = Q(waiting_amber__gt=0) | Q(waiting_red__gt=0) | Q(max_queued__gt=0)
    campaigns = {
        one.pk: one for one in Campaign.objects.filter(limited).select_related("calendar").order_by("pk")
    }
    if not campaigns:
        return
    waiting = ChatSession.objects.filter(state=SessionState.WAITING, campaign__in=[*campaigns])
    found = waiting.order_by("campaign").values("campaign").annotate(n=Count("pk"), since=Min("opened_at"))
    lines = [(campaigns[row["campaign"]], row["n"], row["since"]) for row in found]
    calendars = {campaign.calendar for campaign, _n, _since in lines if campaign.calendar}
    days = days_of(calendars, now)
    for campaign, n, since in lines:
        of_calendar = days.get(campaign.calendar_id or 0, no_days)
        try:
            answers = is_open(campaign.schedule, campaign.time_zone, now, of_calendar)
        except ValidationError:  # only a row written past the form
            answers = True
        if answers:
            yield from _wait(campaign, n, since, now)
            yield from _full(campaign, n)


def _wait(campaign: Campaign, n: int, oldest: datetime, now: datetime) -> Iterator[Finding]:
    seconds = int((now - oldest).total_seconds())
    for level, limit in ((AlertLevel.RED, campaign.waiting_red), (AlertLevel.AMBER, campaign.waiting_amber)):
        if limit and seconds >= limit:
            yield Finding(
                AlertKind.QUEUE_WAIT,
                f"campaign:{campaign.pk}",
                {"campaign": campaign.name, "n": n, "seconds": seconds},
                level=level,
                since=oldest + timedelta(seconds=limit),
                campaign=campaign.pk,
            )
            return


def _full(campaign: Campaign, n: int) -> Iterator[Finding]:
    most = campaign.max_queued
    if most and n > NEARLY * most:
        yield Finding(
            AlertKind.QUEUE_FULL,
            f"campaign:{campaign.pk}",
            {"campaign": campaign.name, "n": n, "most": most},
            firm=n >= most,
            campaign=campaign.pk,
        )
