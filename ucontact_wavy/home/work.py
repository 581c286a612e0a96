"""The bases at work as the start page shows them: a bar, its numbers, and in words why nothing of one moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from dialers.admin.why import why_words
from dialers.admin.words import BASE_COLOURS
from dialers.funnel import funnel
from dialers.hours import ceilings_of
from dialers.models import Base, BaseState
from dialers.progress import UNPROCESSED
from dialers.visible import bases_visible_to
from dialers.waiting import waiting, works_of
from dialers.words import stage_word, state_word
from providers import tally
from providers.admin.labels import COLOURS

SHOWN = 8
COUNTED = 1000  # what is more than that is “more than”
AT_WORK = (BaseState.RUNNING, BaseState.PAUSED)
SEGMENTS = ("read", "delivered", "sent", "accepted", "uncertain", "failed", "expired", "refused", "skipped")
ASIDE = ("uncertain", "refused", "failed", "expired")
STAGE_COLOURS = {"taken": "blue", "delivered": "teal", "read": "green", "replied": "green"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its word and colour."""

    word: str
    n: int
    colour: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar; `width` is a CSS percentage."""

    key: str
    title: str
    width: str


@dataclass(frozen=True, slots=True)
class Line:
    """One base at work."""

    base: Base
    pk: str
    word: str
    colour: str
    why: str
    done: int
    percent: int
    segments: list[Segment]
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Work:
    """The first lines, and how many more there are; `cut` where even those were not counted to the end."""

    lines: list[Line]
    more: int
    cut: bool


def at_work(user: Any, now: datetime) -> Work:
    """What stands still by itself first, then the newest. Bounded queries, whatever the number of bases."""
    found = bases_visible_to(user).filter(state__in=AT_WORK)
    total = count(found)
    troubled = Case(When(~Q(reason=""), then=Value(0)), default=Value(1), output_field=IntegerField())
    shown = list(
        found.select_related("dialer__provider", "dialer__calendar").order_by(troubled, "-started_at", "-pk")[
            :SHOWN
        ]
    )
    return Work(_lines(shown, now), max(0, total - len(shown)), total >= COUNTED)


def count(rows: QuerySet[Any]) -> int:
    """How many there are, COUNTED at most."""
    return rows.order_by()[:COUNTED].count()


def _lines(bases: list[Base], now: datetime) -> list[Line]:
    tallies = tally.read([base.pk for base in bases]) if bases else {}
    kept = ceilings_of((base.dialer for base in bases), now) if bases else {}
    works = works_of(bases, now) if bases else {}
    lines = []
    for base in bases:
        found = waiting(base, now, kept[base.dialer_id], works.get(base.pk))
        lines.append(_line(base, tallies[base.pk], why_words(base, found, now) if found else ""))
    return lines


def _line(base: Base, counts: Mapping[str, int], why: str) -> Line:
    done = base.valid - sum(counts[key] for key in UNPROCESSED)
    return Line(
        base=base,
        pk=str(base.pk),
        word=str(base.get_state_display()),
        colour=BASE_COLOURS[base.state],
        why=why,
        done=done,
        percent=round(100 * done / base.valid) if base.valid else 0,
        segments=[
            Segment(key, f"{state_word(key)}: {n}", f"{100 * n / base.valid:.3f}%")
            for key in SEGMENTS
            if (n := counts[key]) and base.valid
        ],
        figures=_figures(base, counts),
    )


def _figures(base: Base, counts: Mapping[str, int]) -> list[Figure]:
    stages = [
        Figure(stage_word(stage.key), stage.n, STAGE_COLOURS[stage.key])
        for stage in funnel(counts, base.valid)
        if stage.key in STAGE_COLOURS
    ]
    return stages + [Figure(state_word(key), n, COLOURS[key]) for key in ASIDE if (n := counts[key])]
