"""What waits for a person: bases that are ready, messages that are unconfirmed, files that could not be loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.admin.numbers import grouped
from dialers.admin.words import state_of
from dialers.mapping import needs_mapping
from dialers.models import Base, BaseState
from dialers.visible import bases_visible_to
from providers import tally
from providers.pages import change_url
from providers.unconfirmed import batches_unconfirmed
from ucontact_wavy.home.work import count

SHOWN = 5  # of each kind
LOOKED_BACK = timedelta(days=7)  # at files that could not be loaded


@dataclass(frozen=True, slots=True)
class Item:
    """One base with what is to be done about it; `url` is where one does it."""

    base: Base
    pk: str
    word: str
    colour: str
    said: str
    act: str
    url: str


@dataclass(frozen=True, slots=True)
class Todo:
    """The first of each kind, and how many bases there are of each, `more` of them not listed."""

    items: list[Item]
    ready: int
    unconfirmed: int
    failed: int
    more: int


def todo(user: Any, now: datetime) -> Todo:
    """Seven queries, whatever the number of bases."""
    bases = bases_visible_to(user).select_related("dialer")
    ready = bases.filter(state=BaseState.READY).order_by("-pk")
    unconfirmed = bases.filter(pk__in=batches_unconfirmed()).order_by("-pk")
    failed = bases.filter(Q(created_at__gte=now - LOOKED_BACK), state=BaseState.FAILED).order_by("-pk")
    numbers = [count(found) for found in (unconfirmed, ready, failed)]
    doubtful = list(unconfirmed[:SHOWN])
    items = [
        *_unconfirmed(doubtful),
        *(_ready(base) for base in ready[:SHOWN]),
        *(_failed(base) for base in failed[:SHOWN]),
    ]
    return Todo(items, numbers[1], numbers[0], numbers[2], sum(numbers) - len(items))


def _unconfirmed(bases: list[Base]) -> list[Item]:
    tallies = tally.read([base.pk for base in bases]) if bases else {}
    return [_doubt(base, tallies[base.pk]["uncertain"]) for base in bases]


def _doubt(base: Base, n: int) -> Item:
    said = ngettext("%(n)s message is unconfirmed", "%(n)s messages are unconfirmed", n) % {"n": grouped(n)}
    address = reverse("admin:dialers_base_unconfirmed", args=[base.pk])
    return Item(base, str(base.pk), _("unconfirmed"), "amber", said, _("Decide about them"), address)


def _ready(base: Base) -> Item:
    word, colour = state_of(base)
    said = ngettext("%(n)s valid line", "%(n)s valid lines", base.valid) % {"n": grouped(base.valid)}
    return Item(base, str(base.pk), word, colour, said, _("Preview and start"), _place(base))


def _failed(base: Base) -> Item:
    word, colour = state_of(base)
    act = _("Choose the columns") if needs_mapping(base) else _("Look at it")
    return Item(
        base, str(base.pk), word, colour, "" if needs_mapping(base) else base.reason, act, _place(base)
    )


def _place(base: Base) -> str:
    return f"{change_url(base.dialer)}#base-{base.pk}"
