"""How providers do, as the start page shows it: what they took and turned away lately, and whether they call back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from dialers.words import state_word
from providers import minutes
from providers.errors import held_back, kind_of
from providers.minutes import Lately
from providers.models import Provider, RefusedCallbacks
from providers.states import State

SHOWN = 6
REASONS = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some of the last hour did not arrive. `width` is a CSS percentage of the provider's messages."""

    key: str
    state: str
    sentence: str
    n: int
    width: str


@dataclass(frozen=True, slots=True)
class Health:
    """One provider at this moment; `taken` and `failed` within the last hour. `width` as in Reason."""

    provider: Provider
    pk: str
    word: str
    colour: str
    taken: int
    width: str
    failed: int
    reasons: list[Reason]
    silent_since: datetime | None
    refused: int
    refused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Providers:
    """The first ones, how many more there are, and callbacks that named none of ours."""

    listed: list[Health]
    more: int
    unknown: int
    unknown_at: datetime | None


def providers(now: datetime) -> Providers:
    """Those in trouble first. Five queries, whatever their number."""
    found = Provider.objects.order_by(F("suspended_at").desc(nulls_last=True), "-default", "name")
    shown = list(found[:SHOWN])
    told = minutes.lately(now, [one.pk for one in shown])
    refused = {
        row.number: row
        for row in RefusedCallbacks.objects.filter(number__in=["", *(one.number for one in shown)])
    }
    unknown = refused.get("")
    return Providers(
        [_health(one, told[one.pk], refused.get(one.number), now) for one in shown],
        max(0, Provider.objects.count() - len(shown)),
        unknown.n if unknown else 0,
        unknown.last_at if unknown else None,
    )


def _health(provider: Provider, told: Lately, refused: RefusedCallbacks | None, now: datetime) -> Health:
    silent = minutes.silent_since(provider.last_callback_at, told, now)
    word, colour = _("in service"), "green"
    if silent:
        word, colour = _("callbacks silent"), "amber"
    if provider.suspended_at:
        word, colour = _("username or password turned away"), "red"
    taken = max(0, sum(told.taken.values()))
    failed = sum(told.failures.values())
    most = max(taken, failed, 1)
    return Health(
        provider=provider,
        pk=str(provider.pk),
        word=word,
        colour=colour,
        taken=taken,
        width=f"{100 * taken / most:.1f}%",
        failed=failed,
        reasons=_reasons(told, most),
        silent_since=silent,
        refused=refused.n if refused else 0,
        refused_at=refused.last_at if refused else None,
    )


def _reasons(told: Lately, most: int) -> list[Reason]:
    ordered: list[Any] = sorted(told.failures.items(), key=lambda one: (-one[1], one[0]))
    return [
        Reason(
            State(state).key,
            state_word(State(state).key, held_back(state == State.REFUSED, error)),
            str(kind_of(error).sentence) if error else _("No reason was given."),
            n,
            f"{100 * n / most:.1f}%",
        )
        for (state, error), n in ordered[:REASONS]
    ]
