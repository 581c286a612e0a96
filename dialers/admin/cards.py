"""What the dialer page shows: its head, and one card for each base."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Value, When
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dialers import progress as figures
from dialers.models import Base, BaseState, Dialer
from providers import tally
from providers.admin.labels import COLOURS
from providers.models import Message
from providers.numbers import display as readable
from providers.states import State

PER_PAGE = 10
ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252"}
UNCONFIRMED_SHOWN = 10
FAST, SLOW = 2, 10  # seconds between two looks: while something moves, and while receipts may still come
SETTLING = timedelta(hours=1)
BASE_COLOURS: dict[str, str] = {
    BaseState.LOADING: "grey",
    BaseState.READY: "blue",
    BaseState.RUNNING: "green",
    BaseState.PAUSED: "amber",
    BaseState.FINISHED: "teal",
    BaseState.CANCELLED: "grey",
    BaseState.FAILED: "red",
}
ACTS: dict[str, tuple[str, ...]] = {
    BaseState.READY: ("start", "discard"),
    BaseState.RUNNING: ("pause", "cancel"),
    BaseState.PAUSED: ("start", "cancel"),
    BaseState.FAILED: ("discard",),
}
BAR = ("read", "delivered", "sent", "accepted", "uncertain", "failed", "expired", "refused", "skipped")
MOVING = (BaseState.LOADING, BaseState.RUNNING)


@dataclass(frozen=True, slots=True)
class Count:
    """One number of a tally with its word, colour and share of the bar (a CSS percentage)."""

    key: str
    word: Any
    n: int
    colour: str
    share: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button: its word, and the question that is asked before it is done ("" for none)."""

    name: str
    word: str
    question: str = ""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A message of which nobody knows whether it left."""

    pk: str
    number: str
    text: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """A base as the page shows it; everything counted is exact."""

    base: Base
    pk: str
    colour: str
    counts: list[Count]
    done: int
    done_percent: str
    unprocessed: int
    pace: str
    why: str
    found: str
    acts: list[Act]
    unconfirmed: list[Unconfirmed]
    unconfirmed_total: int

    @property
    def html_id(self) -> str:
        return f"base-{self.pk}"


@dataclass(frozen=True, slots=True)
class Head:
    """A dialer in one line: its state, why it stands still, and what can be done to all of its bases."""

    word: str
    colour: str
    why: str
    acts: list[Act]
    every: int | None


def why_words(reason: str | None) -> str:
    """Why nothing moves, as a person says it."""
    words = {
        "schedule": _("Outside its schedule; it goes on by itself when the schedule opens."),
        "pace": _("Waits for its pace."),
        "daily_limit": _("The provider's daily limit is reached; the rest goes on by itself."),
        "retry": _("Waits for the next attempt of what could not leave."),
        "provider": _("The provider cannot take messages now: look at its page. Then start again."),
        "empty": _("Nothing to send: upload a base, or start one that is ready."),
    }
    return words.get(reason or "", "")


def bases_of(dialer: Dialer, page: Any) -> Page[Base]:
    """A page of its bases: those at work first, then the newest."""
    rank = Case(
        When(
            state__in=[BaseState.RUNNING, BaseState.PAUSED, BaseState.LOADING, BaseState.READY], then=Value(0)
        ),
        default=Value(1),
        output_field=IntegerField(),
    )
    bases = Base.objects.filter(dialer=dialer).select_related("dialer__provider", "created_by")
    return Paginator(bases.order_by(rank, "-pk"), PER_PAGE).get_page(page)


def cards(bases: Page[Base], now: datetime) -> list[Card]:
    """The cards of a page of bases: one tally query and one for the unconfirmed, whatever their number."""
    listed = list(bases)
    tallies = tally.read([base.pk for base in listed])
    uncertain = _unconfirmed([base.pk for base in listed if tallies[base.pk]["uncertain"]])
    return [_card(base, tallies[base.pk], uncertain.get(base.pk, []), now) for base in listed]


def _card(base: Base, counts: dict[str, int], uncertain: list[Unconfirmed], now: datetime) -> Card:
    unprocessed = sum(counts[key] for key in figures.UNPROCESSED)
    done = base.valid - unprocessed if base.valid else 0
    return Card(
        base=base,
        pk=str(base.pk),
        colour=BASE_COLOURS[base.state],
        counts=[_count(key, n, base.valid) for key in (*BAR, "replied") if (n := counts[key])],
        done=done,
        done_percent=f"{100 * done / base.valid:.0f}" if base.valid else "0",
        unprocessed=unprocessed,
        pace=_pace(base, now),
        why=_why(base, now),
        found=_found(base),
        acts=[_act(name, base, counts["pending"] + counts["queued"]) for name in ACTS.get(base.state, ())],
        unconfirmed=uncertain,
        unconfirmed_total=counts["uncertain"],
    )


def _count(key: str, n: int, total: int) -> Count:
    words = {"replied": _("replied"), "skipped": pgettext("messages", "cancelled")}
    word = words.get(key) or State[key.upper()].label
    share = f"{100 * n / total:.3f}%" if total and key in BAR else ""
    return Count(key, word, n, COLOURS[key], share)


def _pace(base: Base, now: datetime) -> str:
    if base.state != BaseState.RUNNING:
        return ""
    speed = figures.progress(base, now)
    if not speed.rate_per_second:
        return ""
    text = _("%(rate)s a second") % {"rate": number_format(speed.rate_per_second, 1)}
    if speed.seconds_left is None:
        return text
    minutes = -(-speed.seconds_left // 60)
    left = ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {"n": minutes}
    return f"{text} · {left}"


def _why(base: Base, now: datetime) -> str:
    reason = figures.waiting_for(base, now)
    if reason == "provider":
        return _("The provider turns away the username or password, or cannot be reached; nothing is lost.")
    return why_words(reason) or base.reason


def _found(base: Base) -> str:
    if not base.found.get("encoding"):
        return ""
    names = {";": _("semicolons"), ",": _("commas"), "\t": _("tabs")}
    separator = names.get(base.found.get("separator", ""), base.found.get("separator", ""))
    return _("%(encoding)s, separated by %(separator)s") % {
        "encoding": ENCODINGS.get(base.found["encoding"], base.found["encoding"].upper()),
        "separator": separator,
    }


def _act(name: str, base: Base, remaining: int) -> Act:
    number = number_format(remaining, use_l10n=True, force_grouping=True)
    if name == "cancel":
        return Act(
            name,
            _("Cancel the remaining %(n)s") % {"n": number},
            _("Cancel the remaining %(n)s of “%(base)s”? They will not be sent.")
            % {"n": number, "base": base.name},
        )
    if name == "discard":
        return Act(
            name,
            _("Discard"),
            _("Discard “%(base)s”? Nothing of it was sent; its lines are removed.") % {"base": base.name},
        )
    words = {"start": _("Go on") if base.state == BaseState.PAUSED else _("Start"), "pause": _("Pause")}
    return Act(name, words[name])


def _unconfirmed(batches: list[int]) -> dict[int, list[Unconfirmed]]:
    if not batches:
        return {}
    found: dict[int, list[Unconfirmed]] = {}
    messages = Message.objects.filter(batch__in=batches, state=State.UNCERTAIN).select_related("contact")
    for message in messages.order_by("batch", "id")[: UNCONFIRMED_SHOWN * len(batches)]:
        shown = found.setdefault(message.batch or 0, [])
        if len(shown) < UNCONFIRMED_SHOWN:
            number = readable(message.contact.contact)
            shown.append(Unconfirmed(str(message.pk), number, message.text, message.uncertain_at))
    return found


def head(dialer: Dialer, now: datetime) -> Head:
    """The line at the top of the page."""
    states = set(
        Base.objects.filter(dialer=dialer, state__in=[*MOVING, BaseState.PAUSED, BaseState.READY])
        .values_list("state", flat=True)
        .distinct()
    )
    acts = []
    if states & {BaseState.READY, BaseState.PAUSED}:
        acts.append(Act("start", _("Start all")))
    if BaseState.RUNNING in states:
        acts.append(Act("pause", _("Pause all")))
    if not dialer.enabled:
        return Head(
            _("switched off"),
            "grey",
            _("Switch “Enabled” on before anything can start."),
            [],
            every(dialer, states, now),
        )
    state = "running" if BaseState.RUNNING in states else "paused" if BaseState.PAUSED in states else "idle"
    words = {"running": _("running"), "paused": _("paused"), "idle": _("idle")}
    colour = {"running": "green", "paused": "amber", "idle": "grey"}[state]
    why = why_words(figures.dialer_waiting_for(dialer, now))
    return Head(words[state], colour, why, acts, every(dialer, states, now))


def every(dialer: Dialer, states: set[str], now: datetime) -> int | None:
    """Seconds until the page looks again; None where nothing moves any more."""
    if states & set(MOVING):
        return FAST
    recent = Base.objects.filter(dialer=dialer, finished_at__gt=now - SETTLING)
    return SLOW if recent.exists() else None


def page_context(dialer: Dialer, page: Any, user: Any) -> dict[str, Any]:
    """Everything that the working part of the page is drawn from."""
    now = timezone.now()
    bases = bases_of(dialer, page)
    return {
        "dialer": dialer,
        "head": head(dialer, now),
        "bases": bases,
        "cards": cards(bases, now),
        "may_upload": user.has_perm("dialers.add_base"),
        "may_act": user.has_perm("dialers.change_base"),
    }
