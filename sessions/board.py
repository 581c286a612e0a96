"""The figures of the supervisors' live board: one line a campaign, and what no campaign took."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from campaigns.calendars import Days, days_of
from campaigns.models import Campaign
from sessions import figures
from sessions.figures import Figures
from sessions.models import ChatSession, SessionState
from sessions.service_level import clock_of, on_the_clock
from sessions.staff import Staff, staff

VERY_LATE = 2  # times the service level


@dataclass(frozen=True, slots=True)
class Queue:
    """What is open now. `waiting` includes what is offered to an agent; `since`: when the oldest of it came."""

    waiting: int = 0
    since: datetime | None = None
    active: int = 0


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign. `urgency`: empty, `late` or `very-late` by its thresholds; `day`: of what came since midnight.

    `since`: from when on the longest wait counts, as if the clock had run all the time; where it stands now, outside
    the schedule, `stopped` are the seconds at which it does.
    """

    id: int
    name: str
    enabled: bool
    service_level: int
    time_zone: str
    queue: Queue
    day: Figures
    staff: Staff
    urgency: str
    since: datetime | None = None
    stopped: int | None = None

    @property
    def deserted(self) -> bool:
        """Somebody waits and nobody is there."""
        return bool(self.queue.waiting) and not self.staff.present


@dataclass(frozen=True, slots=True)
class Board:
    """All of it at one moment."""

    lines: tuple[CampaignLine, ...]
    unrouted: Queue

    @property
    def version(self) -> str:
        """The same as long as every figure is; waiting times run on by themselves."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def board(now: datetime, seen: QuerySet[Campaign] | None = None) -> Board:
    """Of the campaigns that one sees (all unless told) the enabled ones and those where something is still open.

    By name; a bounded number of queries, however many.
    """
    queues = _queues()
    listed = Q(enabled=True) | Q(id__in=[pk for pk in queues if pk is not None])
    visible = Campaign.objects.all() if seen is None else seen
    campaigns = list(visible.filter(listed).select_related("calendar").order_by("name", "id"))
    days = _days(campaigns, now)
    present = staff(campaigns, now)
    off = _days_off(campaigns, queues)
    lines = tuple(
        _line(
            campaign,
            queues.get(campaign.pk, Queue()),
            days.get(campaign.pk, Figures()),
            present.get(campaign.pk, Staff()),
            off.get(campaign.calendar_id or 0),
            now,
        )
        for campaign in campaigns
    )
    return Board(lines, queues.get(None, Queue()))


def urgency(waited: timedelta, campaign: Campaign) -> str:
    """How bad the longest wait is: by the campaign's thresholds; where it has none, by its service level.

    A threshold of 0 seconds is none, and so is a service level.
    """
    seconds = waited.total_seconds()
    if campaign.waiting_amber or campaign.waiting_red:
        red, amber = campaign.waiting_red, campaign.waiting_amber
        if red and seconds >= red:
            return "very-late"
        return "late" if amber and seconds >= amber else ""
    limit = campaign.service_level
    if not limit:
        return ""
    if seconds > VERY_LATE * limit:
        return "very-late"
    return "late" if seconds > limit else ""


def midnight(time_zone: str, now: datetime) -> datetime:
    """When today began there, in UTC."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)


def _line(
    campaign: Campaign, queue: Queue, day: Figures, staff: Staff, off: Days | None, now: datetime
) -> CampaignLine:
    line = CampaignLine(
        id=campaign.pk,
        name=campaign.name,
        enabled=campaign.enabled,
        service_level=campaign.service_level,
        time_zone=campaign.time_zone,
        queue=queue,
        day=day,
        staff=staff,
        urgency="",
    )
    if queue.since is None:
        return line
    clock = clock_of(campaign, off)
    waited = on_the_clock(clock, queue.since, now)
    late = urgency(waited, campaign)
    if clock is not None and not clock.is_open(now):
        return replace(line, urgency=late, stopped=int(waited.total_seconds()))
    return replace(line, urgency=late, since=now - waited)


def _queues() -> dict[int | None, Queue]:
    """By campaign; None for what is unrouted."""
    waiting = Q(state=SessionState.WAITING)
    rows = (
        ChatSession.objects.exclude(state=SessionState.CLOSED)
        .values("campaign")
        .annotate(
            waiting=Count("id", filter=waiting),
            since=Min("opened_at", filter=waiting),
            active=Count("id", filter=Q(state=SessionState.ACTIVE)),
        )
    )
    return {row["campaign"]: Queue(row["waiting"], row["since"], row["active"]) for row in rows}


def _days(campaigns: Iterable[Campaign], now: datetime) -> dict[int, Figures]:
    """Of each campaign since midnight in its zone. One query."""
    zones: dict[str, list[int]] = {}
    for campaign in campaigns:
        zones.setdefault(campaign.time_zone, []).append(campaign.pk)
    began = {zone: midnight(zone, now) for zone in zones}
    if not began:
        return {}
    since_then = [Q(of__in=keys, opened_at__gte=began[zone]) for zone, keys in zones.items()]
    came = figures.offered(min(began.values()), now + timedelta(seconds=1))
    return figures.by_campaign(figures.narrowed(came, reduce(or_, since_then)))


def _days_off(campaigns: Iterable[Campaign], queues: Mapping[int | None, Queue]) -> dict[int, Days]:
    """The days of the calendars of campaigns where somebody waits, from the longest wait on. One query at most."""
    waited = [queues.get(campaign.pk, Queue()).since for campaign in campaigns]
    calendars = {
        one.calendar_id: one.calendar
        for one, since in zip(campaigns, waited, strict=True)
        if one.calendar and since
    }
    since = min((since for since in waited if since), default=None)
    return days_of([*calendars.values()], since) if since else {}
