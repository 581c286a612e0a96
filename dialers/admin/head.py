"""The line at the top of a dialer's page, and how often the page looks again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.admin.buttons import Act
from dialers.admin.numbers import grouped
from dialers.admin.speed import speed_of_dialer
from dialers.admin.why import why_of_dialer
from dialers.hours import ceilings
from dialers.models import Base, BaseState, Dialer
from dialers.progress import bases_at_work

# Seconds between two looks: while something moves, while receipts may still come, and for what a colleague starts.
FAST, SLOW, IDLE = 2, 10, 30
SETTLING = timedelta(hours=1)
MOVING = (BaseState.LOADING, BaseState.RUNNING)


@dataclass(frozen=True, slots=True)
class Head:
    """A dialer in one line: its state, why it stands still, and what can be done to all of its bases."""

    word: str
    colour: str
    why: str
    speed: str  # its rate, and when it will be done
    acts: list[Act]
    every: int


def head(dialer: Dialer, now: datetime) -> Head:
    """The line at the top of the page."""
    at_work = Base.objects.filter(dialer=dialer, state__in=[*MOVING, BaseState.PAUSED, BaseState.READY])
    counted = at_work.values_list("state").annotate(n=Count("pk"), messages=Sum("valid"))
    states = {state: (n, messages) for state, n, messages in counted}
    acts = []
    if states.keys() & {BaseState.READY, BaseState.PAUSED}:
        acts.append(Act("start", _("Start all"), _start_question(*states.get(BaseState.READY, (0, 0)))))
    if BaseState.RUNNING in states:
        acts.append(Act("pause", _("Pause all")))
    if not dialer.enabled:
        return Head(
            _("switched off"),
            "grey",
            _("Switch “Enabled” on before anything can start."),
            "",
            [],
            every(dialer, states, now),
        )
    state = "running" if BaseState.RUNNING in states else "paused" if BaseState.PAUSED in states else "idle"
    words = {"running": _("running"), "paused": _("paused"), "idle": _("idle")}
    colour = {"running": "green", "paused": "amber", "idle": "grey"}[state]
    busy = bases_at_work([dialer])
    kept = ceilings(dialer, now)
    speed = speed_of_dialer(dialer, [base for base in busy if base.state == BaseState.RUNNING], kept, now)
    why = why_of_dialer(busy, kept, now)
    return Head(words[state], colour, why, speed, acts, every(dialer, states, now))


def _start_question(bases: int, rows: int) -> str:
    """What is asked before bases are started that nobody looked at one by one; "" where none is ready."""
    if not bases:
        return ""
    number = grouped(rows)
    return ngettext(
        "Start what is ready, %(bases)d base with %(n)s messages, and go on with what is paused?",
        "Start what is ready, %(bases)d bases with %(n)s messages, and go on with what is paused?",
        bases,
    ) % {"bases": bases, "n": number}


def every(dialer: Dialer, states: Collection[str], now: datetime) -> int:
    """Seconds until the page looks again."""
    if set(states) & set(MOVING):
        return FAST
    recent = Base.objects.filter(dialer=dialer, finished_at__gt=now - SETTLING)
    return SLOW if recent.exists() else IDLE
