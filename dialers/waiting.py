"""Why nothing of a base moves: by the clock, by its provider, by its limits, or paused by itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from dialers.dispatch import rates
from dialers.failures import FAILURE_RATE, NO_ANSWERS
from dialers.hours import Ceilings, by_its_dates, ceilings, closed
from dialers.models import Base, BaseState, Row, RowState
from providers import pace
from providers.limits import next_room, people_left
from providers.models import Message
from providers.states import OPEN, State

# What programs are told: to them, all that the clock decides is the schedule, all trouble the provider.
TOLD = {
    **dict.fromkeys(("start_date", "valid_until", "legal_hours", "holiday"), "schedule"),
    **dict.fromkeys(("credentials", "unreachable", NO_ANSWERS), "provider"),
    "slower": "pace",
    FAILURE_RATE: None,
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """`key`: why; `moment`: when it goes on by itself, or `kept`: the hours that tell; `since`: when it began; `name`:
    of a holiday.

    Keys: `start_date valid_until schedule legal_hours holiday credentials unreachable slower pace daily_limit
    retry`, and of a base that paused itself `credentials failure_rate no_answers`.
    """

    key: str
    moment: datetime | None = None
    since: datetime | None = None
    name: str = ""
    kept: Ceilings | None = None

    @property
    def until(self) -> datetime | None:
        """When it goes on by itself. Of hours it is reckoned when somebody asks, which most who look why do not."""
        return self.kept.next_opening if self.kept else self.moment

    @property
    def told(self) -> str | None:
        """The key that programs are told: `schedule pace daily_limit retry provider`."""
        return TOLD.get(self.key, self.key)


@dataclass(frozen=True, slots=True)
class Work:
    """What a running base has to do: rows that are `pending`, messages that are `busy` leaving, or the next attempt.

    `people_left` is what is left of its provider's daily limit, None without one.
    """

    pending: bool
    busy: bool
    next_attempt: datetime | None
    people_left: int | None


def works_of(bases: Iterable[Base], now: datetime) -> dict[int, Work]:
    """The work of bases, their providers loaded, by their ids. One query, and a few for each provider with a limit."""
    by_id = {base.pk: base for base in bases}
    left = Message.objects.filter(batch=OuterRef("pk"), listed_state__in=OPEN)
    leaving = left.filter(Q(listed_state=State.SUBMITTING) | Q(not_before=None) | Q(not_before__lte=now))
    found = Base.objects.filter(pk__in=list(by_id)).values_list(
        "pk",
        Exists(Row.objects.filter(base=OuterRef("pk"), state=RowState.PENDING)),
        Exists(leaving),
        Subquery(left.order_by("not_before").values("not_before")[:1]),
    )
    rooms: dict[int, int | None] = {}
    works: dict[int, Work] = {}
    for key, pending, busy, next_attempt in found:
        provider = by_id[key].dialer.provider
        if pending and provider.pk not in rooms:
            rooms[provider.pk] = people_left(provider, now)
        works[key] = Work(pending, busy, next_attempt, rooms.get(provider.pk) if pending else None)
    return works


def waiting(
    base: Base, now: datetime, kept: Ceilings | None = None, work: Work | None = None
) -> Waiting | None:
    """Why nothing of a base moves; None if it moves or need not.

    `kept`: its dialer's hours, `work`: its own, where they were read.
    """
    if base.state == BaseState.PAUSED:
        return _paused(base)
    if base.state != BaseState.RUNNING:
        return None
    return _by_the_clock(base, now, kept) or _at_the_provider(base) or _by_its_work(base, now, work)


def _paused(base: Base) -> Waiting | None:
    if base.reason == "credentials":
        return Waiting("credentials", since=base.dialer.provider.suspended_at)
    return Waiting(base.reason) if base.reason in (FAILURE_RATE, NO_ANSWERS) else None


def _by_the_clock(base: Base, now: datetime, kept: Ceilings | None) -> Waiting | None:
    dated = by_its_dates(base, now)
    if dated:
        return Waiting(dated, moment=base.start_at if dated == "start_date" else None)
    kept = kept or ceilings(base.dialer, now)
    shut = closed(kept, now)
    if shut is None:
        return None
    return Waiting(shut.key, name=shut.day, kept=kept)


def _at_the_provider(base: Base) -> Waiting | None:
    provider = base.dialer.provider
    if provider.suspended_at:
        return Waiting("credentials", since=provider.suspended_at)
    held = pace.held(provider.pk)
    return Waiting({"provider": "unreachable", "pace": "slower"}.get(held, held)) if held else None


def _by_its_work(base: Base, now: datetime, work: Work | None) -> Waiting | None:
    work = work or works_of([base], now).get(base.pk)
    if work is None:  # gone meanwhile
        return None
    if work.pending:
        if work.people_left == 0:
            return Waiting("daily_limit", moment=next_room(base.dialer.provider, now))
        slow = any(0 < rate < 1 for rate in rates(base.dialer).values())
        return Waiting("pace") if slow else None
    if work.busy or work.next_attempt is None:
        return None
    return Waiting("retry", moment=work.next_attempt)
