"""The figures of the service level over many interactions: all together, by campaign, interval, agent, disposition.

A figure is of the interactions that came within a span of time, each in the campaign that answered or lost it, so
that offered = answered + abandoned + what is still open without an answer. Left out: what an agent began, what was
rescheduled, and what a keyword answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.db.models import Avg, Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDay, TruncHour

from sessions.models import ChatSession, Ending, Origin, SessionState

STEPS = {"hour": TruncHour, "day": TruncDay}
_ANSWERED = Q(answered_at__isnull=False)
_ABANDONED = Q(answered_at=None, state=SessionState.CLOSED)
COUNTS: Mapping[str, Any] = {
    "offered": Count("id"),
    "answered": Count("id", filter=_ANSWERED),
    "answered_in_time": Count("id", filter=_ANSWERED & Q(in_time=True)),
    "abandoned": Count("id", filter=_ABANDONED),
    "abandoned_in_time": Count("id", filter=_ABANDONED & Q(in_time=True)),
    "speed": Avg("waited", filter=_ANSWERED),
    "longest": Max("waited"),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts; `asa`, the average speed of answer, and `longest`, the longest wait, in seconds of open hours."""

    offered: int = 0
    answered: int = 0
    answered_in_time: int = 0
    abandoned: int = 0
    abandoned_in_time: int = 0
    asa: int | None = None
    longest: int | None = None

    @property
    def sl1(self) -> float | None:
        """Answered within the limit ÷ answered; None where nothing was answered."""
        return self.answered_in_time / self.answered if self.answered else None

    @property
    def sl2(self) -> float | None:
        """(Answered + abandoned within the limit) ÷ (answered + abandoned); None where there is neither."""
        ended = self.answered + self.abandoned
        return (self.answered_in_time + self.abandoned_in_time) / ended if ended else None


def offered(since: datetime, until: datetime, campaigns: Any = None) -> QuerySet[ChatSession]:
    """The interactions that came from `since` until before `until`, with the campaign they count for as `of`.

    `campaigns`: ids, or a query of them, that alone are meant; None = all.
    """
    came = ChatSession.objects.filter(opened_at__gte=since, opened_at__lt=until, origin=Origin.CUSTOMER)
    counted = came.exclude(ending=Ending.KEYWORD).annotate(of=Coalesce("served_in", "campaign"))
    return counted if campaigns is None else narrowed(counted, Q(of__in=campaigns))


def narrowed(sessions: Any, condition: Q) -> QuerySet[ChatSession]:
    """Those of `offered` that fulfil a condition, which may name `of`."""
    narrow: QuerySet[ChatSession] = sessions.filter(condition)
    return narrow


def together(parts: Iterable[Figures]) -> Figures:
    """Of several parts that have nothing in common."""
    found = list(parts)
    names = [name for name in COUNTS if name not in ("speed", "longest")]
    counts = {name: sum(getattr(one, name) for one in found) for name in names}
    seconds = sum((one.asa or 0) * one.answered for one in found)
    asa = round(seconds / counts["answered"]) if counts["answered"] else None
    return Figures(**counts, asa=asa, longest=max((one.longest or 0 for one in found), default=None))


def of_all(sessions: QuerySet[ChatSession]) -> Figures:
    """One query."""
    return _figures(sessions.aggregate(**COUNTS))


def by_campaign(sessions: QuerySet[ChatSession]) -> dict[int, Figures]:
    """By the campaign they count for; what is unrouted is left out. One query."""
    rows: Any = narrowed(sessions, Q(of__isnull=False))
    counted = rows.order_by().values("of").annotate(**COUNTS)
    return {row["of"]: _figures(row) for row in counted}


def by_interval(sessions: QuerySet[ChatSession], step: str, zone: tzinfo) -> list[tuple[datetime, Figures]]:
    """By `hour` or `day` in which they came, on the wall clock of a zone, in order; empty ones are left out."""
    at = STEPS[step]("opened_at", tzinfo=zone)
    rows = sessions.annotate(at=at).order_by("at").values("at").annotate(**COUNTS)
    return [(row["at"], _figures(row)) for row in rows]


def by_agent(sessions: QuerySet[ChatSession]) -> list[tuple[str, Figures]]:
    """By the agent whose message was the first, by name; who abandoned has none. One query."""
    names = ("answered_by__first_name", "answered_by__last_name", "answered_by__username")
    rows = sessions.filter(_ANSWERED).order_by(*names).values("answered_by", *names).annotate(**COUNTS)
    return [(_name(row, names), _figures(row)) for row in rows]


def by_disposition(sessions: QuerySet[ChatSession]) -> list[tuple[int | None, Figures]]:
    """By the disposition they were closed with, most first; None = closed without one. One query."""
    closed = sessions.filter(state=SessionState.CLOSED)
    rows = closed.order_by().values("disposition").annotate(**COUNTS)
    found = [(row["disposition"], _figures(row)) for row in rows]
    return sorted(found, key=lambda pair: (-pair[1].offered, pair[0] or 0))


def _name(row: Mapping[str, Any], names: tuple[str, str, str]) -> str:
    first, last, username = (row[name] or "" for name in names)
    return f"{first} {last}".strip() or username


def _figures(row: Mapping[str, Any]) -> Figures:
    speed = row["speed"]
    counts = {name: row[name] for name in COUNTS if name != "speed"}
    return Figures(**counts, asa=None if speed is None else round(speed))
