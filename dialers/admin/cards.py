"""What the dialer page shows of its bases: one card each, a page of them at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _

from dialers.admin.buttons import Act, acts_of
from dialers.admin.loading_bar import LoadingBar, loading_bar
from dialers.admin.numbers import grouped
from dialers.admin.speed import speed_words
from dialers.admin.unconfirmed import Unconfirmed, unconfirmed_of
from dialers.admin.why import why_of
from dialers.admin.words import format_of, state_of, terms_of
from dialers.funnel import held_back_of
from dialers.hours import Ceilings, ceilings
from dialers.mapping import may_be_mapped, needs_mapping
from dialers.models import Base, BaseState, Dialer
from dialers.progress import UNPROCESSED, rates_of
from dialers.recycling import AT_AN_END
from dialers.waiting import Work, works_of
from dialers.words import state_word
from providers import reasons, tally
from providers.admin.labels import COLOURS

PER_PAGE = 10
FRESH = (BaseState.READY, BaseState.LOADING)  # one that loads opens by itself once it is ready
BAR = (
    "read",
    "delivered",
    "sent",
    "accepted",
    "uncertain",
    "failed",
    "expired",
    "refused",
    "held_back",
    "skipped",
)


@dataclass(frozen=True, slots=True)
class Count:
    """One number of a tally with its word, colour and share of the bar (a CSS percentage)."""

    key: str
    word: str
    n: int
    colour: str
    share: str


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for all the bases of a page at once: their dialer's hours, the work and the rate of this one."""

    kept: Ceilings | None
    work: Work | None
    rate: float


@dataclass(frozen=True, slots=True)
class Card:
    """A base as the page shows it; everything counted is exact."""

    base: Base
    pk: str
    word: str
    colour: str
    needs_mapping: bool
    may_be_mapped: bool
    loading: LoadingBar | None
    counts: list[Count]
    done: int
    done_percent: str
    unprocessed: int
    pace: str
    why: str
    found: str
    terms: list[str]
    acts: list[Act]
    unconfirmed: list[Unconfirmed]
    unconfirmed_total: int
    at_end: bool
    folded: bool  # at its end, with nothing to decide
    short: str  # what a folded one says of itself
    opens: bool  # its preview is open at once: only of the newest base, while it is ready

    @property
    def html_id(self) -> str:
        return f"base-{self.pk}"


def bases_of(dialer: Dialer, page: Any, find: str = "") -> Page[Base]:
    """A page of its bases, those with `find` in the name: at work or waiting for somebody first, then the newest."""
    rank = Case(
        When(
            state__in=[BaseState.RUNNING, BaseState.PAUSED, BaseState.LOADING, BaseState.READY], then=Value(0)
        ),
        When(state=BaseState.FAILED, found__needs_mapping=True, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    named = (
        Base.objects.filter(dialer=dialer, name__icontains=find)
        if find
        else Base.objects.filter(dialer=dialer)
    )
    bases = named.select_related("dialer__provider", "dialer__calendar", "created_by", "cap_override_by")
    return Paginator(bases.order_by(rank, "-pk"), PER_PAGE).get_page(page)


def cards(bases: Page[Base], now: datetime) -> list[Card]:
    """The cards of a page of bases: bounded queries, whatever their number and that of their rows."""
    listed = list(bases)
    tallies = tally.read([base.pk for base in listed])
    _part_refused(tallies)
    uncertain = unconfirmed_of([base.pk for base in listed if tallies[base.pk]["uncertain"]])
    kept = ceilings(listed[0].dialer, now) if listed else None  # they are of one dialer
    running = [base for base in listed if base.state == BaseState.RUNNING]
    works = works_of(running, now) if running else {}
    rates = rates_of(running, now)
    newest = max((base.pk for base in listed if base.state in FRESH), default=None)
    opened = {base.pk for base in listed if base.pk == newest and base.state == BaseState.READY}
    return [
        _card(
            base,
            tallies[base.pk],
            uncertain.get(base.pk, []),
            now,
            _Read(kept, works.get(base.pk), rates.get(base.pk, 0.0)),
            opens=base.pk in opened,
        )
        for base in listed
    ]


def _part_refused(tallies: dict[int, dict[str, int]]) -> None:
    """Parts what Wavy turned away from what our own gate held back. One query, none where nothing was refused."""
    refused = [key for key, counts in tallies.items() if counts["refused"]]
    told = reasons.read(refused) if refused else {}
    for key, counts in tallies.items():
        held = held_back_of(told.get(key, {}))
        counts["held_back"], counts["refused"] = held, max(counts["refused"] - held, 0)


def _card(
    base: Base,
    counts: dict[str, int],
    uncertain: list[Unconfirmed],
    now: datetime,
    read: _Read,
    *,
    opens: bool,
) -> Card:
    unprocessed = sum(counts[key] for key in UNPROCESSED)
    done = base.valid - unprocessed if base.valid else 0
    word, colour = state_of(base)
    return Card(
        base=base,
        pk=str(base.pk),
        word=word,
        colour=colour,
        needs_mapping=needs_mapping(base),
        may_be_mapped=may_be_mapped(base),
        loading=loading_bar(base, now),
        counts=[_count(key, n, base.valid) for key in (*BAR, "replied") if (n := counts[key])],
        done=done,
        done_percent=f"{100 * done / base.valid:.0f}" if base.valid else "0",
        unprocessed=unprocessed,
        pace=speed_words(base, counts, now, read.kept, read.rate),
        why=why_of(base, now, read.kept, read.work),
        found=format_of(base),
        terms=terms_of(base, now),
        acts=acts_of(base, counts["pending"] + counts["queued"]),
        unconfirmed=uncertain,
        unconfirmed_total=counts["uncertain"],
        at_end=base.state in AT_AN_END,
        folded=base.state in AT_AN_END and not counts["uncertain"],
        short=_short(base, counts, done),
        opens=opens,
    )


def _short(base: Base, counts: dict[str, int], done: int) -> str:
    """The figures of a base in half a line."""
    said = [_("%(done)s of %(total)s") % {"done": grouped(done), "total": grouped(base.valid)}]
    said += [f"{state_word(key)} {grouped(counts[key])}" for key in ("replied",) if counts[key]]
    return " · ".join(said)


def _count(key: str, n: int, total: int) -> Count:
    share = f"{100 * n / total:.3f}%" if total and key in BAR else ""
    return Count(key, state_word(key, key == "held_back"), n, COLOURS[key], share)
