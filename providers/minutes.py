"""What became of messages of bases in each minute of the last hours: from folded tallies, never from the ledger."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from providers.models import MinuteTally, Provider
from providers.reasons import Standing
from providers.states import State

KEPT = timedelta(hours=25)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SILENT_AFTER = timedelta(minutes=15)


@dataclass(slots=True)
class Lately:
    """The last hour of one provider: what it took in each minute, and the failures by state and error."""

    taken: dict[datetime, int] = field(default_factory=dict)
    failures: dict[Standing, int] = field(default_factory=dict)


def minute_of(at: datetime) -> datetime:
    """When its minute began."""
    return at.replace(second=0, microsecond=0)


def of_last_hour(now: datetime) -> list[datetime]:
    """The sixty minutes that end with the present one, the oldest first."""
    last = minute_of(now)
    return [last - n * MINUTE for n in reversed(range(60))]


def taken_of_last_hour(now: datetime, wanted: Any = None) -> list[int]:
    """How many messages providers took in each of these minutes; `wanted` filters by `batch`. One query."""
    minutes = of_last_hour(now)
    rows = MinuteTally.objects.filter(wanted or Q(), minute__gte=minutes[0], state=State.ACCEPTED)
    found = dict(rows.values_list("minute").annotate(total=Sum("n")))
    return [max(0, found.get(minute, 0)) for minute in minutes]


def lately(now: datetime, providers: Iterable[int] | None = None) -> Mapping[int, Lately]:
    """The last hour of providers (all without `providers`), by their ids. Two queries."""
    told: dict[int, Lately] = defaultdict(Lately)
    rows = MinuteTally.objects.filter(minute__gte=of_last_hour(now)[0])
    if providers is not None:
        rows = rows.filter(provider__in=list(providers))
    taken = rows.filter(state=State.ACCEPTED).values_list("provider", "minute").annotate(total=Sum("n"))
    for provider, minute, n in taken:
        told[provider].taken[minute] = n
    failed = rows.exclude(state=State.ACCEPTED).values_list("provider", "state", "error")
    for provider, state, error, n in failed.annotate(total=Sum("n")):
        if n > 0:
            told[provider].failures[state, error] = n
    return told


def silent_since(last_callback_at: datetime | None, lately_: Lately, now: datetime) -> datetime | None:
    """Since when a provider takes messages and calls nothing back; None while it does not, or not for long."""
    taken = [
        at for at, n in lately_.taken.items() if n > 0 and (not last_callback_at or at > last_callback_at)
    ]
    since = min(taken, default=None)
    return since if since and now - since >= SILENT_AFTER else None


def silent_providers(now: datetime) -> list[int]:
    """The ids of those whose callbacks are silent for too long. Three queries."""
    told = lately(now)
    heard = Provider.objects.filter(pk__in=list(told)).values_list("pk", "last_callback_at")
    return [key for key, at in heard if silent_since(at, told[key], now)]


def forget(now: datetime) -> None:
    """Removes what is older than a day."""
    MinuteTally.objects.filter(minute__lt=now - KEPT).delete()
