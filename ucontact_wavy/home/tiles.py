"""The row of tiles at the top of the start page: one number each, with what explains it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format

from campaigns.visible import hidden_from, visible_to
from dialers.models import Base
from providers import minutes
from sessions import figures
from sessions.board import Board, Queue, board

STEP = 5  # minutes in a row of the table behind the line
WIDTH, HEIGHT = 120, 32  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages of bases that providers took within the last hour.

    `bars` are drawn: x, y, height, what it says; `rows` are the same as a table: from when, how many.
    """

    total: int
    last_minute: int
    bars: list[tuple[str, str, str, str]]
    rows: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Interactions:
    """What waits now and what was done today. `speed` in seconds, None without an answer; SL1 and SL2 are shares.

    `urgency` and `late`: as the board has them, of the worst campaign and how many are late.
    """

    waiting: int
    since: datetime | None
    active: int
    urgency: str
    late: int
    answered: int
    abandoned: int
    speed: int | None
    sl1: float | None
    sl2: float | None


def sent(user: Any, now: datetime) -> Sent:
    """Of the bases that the person sees. One query."""
    hidden = Base.objects.filter(pk=OuterRef("batch"), dialer__campaign__in=hidden_from(user))
    taken = minutes.taken_of_last_hour(now, ~Exists(hidden))
    clock = [date_format(timezone.localtime(at), "TIME_FORMAT") for at in minutes.of_last_hour(now)]
    rows = [(clock[n], sum(taken[n : n + STEP])) for n in range(0, len(taken), STEP)]
    return Sent(sum(taken), taken[-2], _bars(taken, clock), rows)


def _bars(taken: Sequence[int], clock: Sequence[str]) -> list[tuple[str, str, str, str]]:
    most = max(taken) or 1
    step = WIDTH / len(taken)
    drawn = []
    for n, count in enumerate(taken):
        height = max(1.5, HEIGHT * count / most) if count else 0.5
        drawn.append((f"{n * step:.2f}", f"{HEIGHT - height:.2f}", f"{height:.2f}", f"{clock[n]}: {count}"))
    return drawn


def interactions(user: Any, now: datetime) -> Interactions:
    """As the live board has it, added up over the campaigns that the person sees. The board's queries."""
    return _added_up(board(now, visible_to(user)))


def _added_up(found: Board) -> Interactions:
    queues: list[Queue] = [found.unrouted, *(line.queue for line in found.lines)]
    today = figures.together(line.day for line in found.lines)
    urgent = [line.urgency for line in found.lines if line.urgency]
    return Interactions(
        waiting=sum(queue.waiting for queue in queues),
        since=min((queue.since for queue in queues if queue.since), default=None),
        active=sum(queue.active for queue in queues),
        urgency="very-late" if "very-late" in urgent else "late" if urgent else "",
        late=len(urgent),
        answered=today.answered,
        abandoned=today.abandoned,
        speed=today.asa,
        sl1=today.sl1,
        sl2=today.sl2,
    )
