"""The figures of the supervisors' live board: one line a campaign, and what no campaign took."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Avg, Case, Count, DateTimeField, F, Min, Q, QuerySet, Value, When

from campaigns.models import Campaign
from sessions.assignment import able_members, present_since
from sessions.models import ChatSession, SessionState

VERY_LATE = 2  # times the service level


@dataclass(frozen=True, slots=True)
class Queue:
    """What is open now. `waiting` includes what is offered to an agent; `since`: when the oldest of it came."""

    waiting: int = 0
    since: datetime | None = None
    active: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """Since midnight. `speed`: seconds from the customer's message to the agent's first one, on average."""

    answered: int = 0
    abandoned: int = 0
    speed: int | None = None


@dataclass(frozen=True, slots=True)
class Staff:
    """Members who may work, and how many of them are at the desk."""

    present: int = 0
    members: int = 0


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """One campaign. `urgency`: empty, `late` above its service level, `very-late` above twice that."""

    id: int
    name: str
    enabled: bool
    service_level: int
    time_zone: str
    queue: Queue
    day: Day
    staff: Staff
    urgency: str

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

    By name; four queries, however many.
    """
    queues = _queues()
    listed = Q(enabled=True) | Q(id__in=[pk for pk in queues if pk is not None])
    visible = Campaign.objects.all() if seen is None else seen
    campaigns = list(visible.filter(listed).order_by("name", "id"))
    days = _days(campaigns, now)
    staff = _staff(now)
    lines = tuple(
        _line(
            campaign,
            queues.get(campaign.pk, Queue()),
            days.get(campaign.pk, Day()),
            staff.get(campaign.pk, Staff()),
            now,
        )
        for campaign in campaigns
    )
    return Board(lines, queues.get(None, Queue()))


def urgency(since: datetime | None, service_level: int, now: datetime) -> str:
    """How bad the longest wait is, by the wall clock; a service level of 0 seconds is none."""
    if since is None or service_level == 0:
        return ""
    waited = (now - since).total_seconds()
    if waited > VERY_LATE * service_level:
        return "very-late"
    return "late" if waited > service_level else ""


def midnight(time_zone: str, now: datetime) -> datetime:
    """When today began there, in UTC."""
    zone = ZoneInfo(time_zone)
    return datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)


def _line(campaign: Campaign, queue: Queue, day: Day, staff: Staff, now: datetime) -> CampaignLine:
    return CampaignLine(
        id=campaign.pk,
        name=campaign.name,
        enabled=campaign.enabled,
        service_level=campaign.service_level,
        time_zone=campaign.time_zone,
        queue=queue,
        day=day,
        staff=staff,
        urgency=urgency(queue.since, campaign.service_level, now),
    )


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


def _days(campaigns: Iterable[Campaign], now: datetime) -> dict[int, Day]:
    began = {zone: midnight(zone, now) for zone in {campaign.time_zone for campaign in campaigns}}
    if not began:
        return {}
    today = Case(
        *(When(campaign__time_zone=zone, then=Value(at)) for zone, at in began.items()),
        output_field=DateTimeField(),
    )
    answered = Q(answered_at__gte=today)
    abandoned = Q(answered_at=None, state=SessionState.CLOSED, closed_at__gte=today)
    earliest = min(began.values())
    rows = (
        ChatSession.objects.filter(campaign__isnull=False)
        .filter(Q(answered_at__gte=earliest) | Q(answered_at=None, closed_at__gte=earliest))
        .values("campaign")
        .annotate(
            answered=Count("id", filter=answered),
            abandoned=Count("id", filter=abandoned),
            speed=Avg(F("answered_at") - F("opened_at"), filter=answered),
        )
    )
    return {row["campaign"]: _day(row) for row in rows}


def _day(row: Mapping[str, Any]) -> Day:
    speed = row["speed"]
    return Day(row["answered"], row["abandoned"], None if speed is None else round(speed.total_seconds()))


def _staff(now: datetime) -> dict[int, Staff]:
    here = Q(agent__presence__seen_at__gte=present_since(now))
    rows = (
        able_members()
        .values("campaign")
        .annotate(
            members=Count("agent", distinct=True),
            present=Count("agent", distinct=True, filter=here),
        )
    )
    return {row["campaign"]: Staff(row["present"], row["members"]) for row in rows}
