"""Whether anything of a base may leave now, why not, when it may again, and when it will be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property

from campaigns import openings
from campaigns.calendars import days_of
from campaigns.models import LegalHours
from campaigns.schedules import Hours, hours_of, no_days
from dialers.models import Base, Dialer
from providers import pace


@dataclass(frozen=True)
class Ceilings:
    """What dialers keep to at a moment: their own hours, and the company's legal ones where there are any."""

    own: Hours
    legal: Hours | None
    now: datetime

    @property
    def all(self) -> list[Hours]:
        return [hours for hours in (self.own, self.legal) if hours]

    @cached_property
    def next_opening(self) -> datetime | None:
        """When all of them are open next, `now` where they are; None where that is not within two months."""
        return openings.next_opening(self.all, self.now)


@dataclass(frozen=True, slots=True)
class Closed:
    """Why it is closed: `schedule`, `legal_hours` or `holiday`, with the name of the day."""

    key: str
    day: str = ""


def ceilings(dialer: Dialer, now: datetime) -> Ceilings:
    """The hours of a dialer as they are now. Two queries, and one more for its own calendar."""
    return ceilings_of([dialer], now)[dialer.pk]


def ceilings_of(dialers: Iterable[Dialer], now: datetime) -> dict[int, Ceilings]:
    """The hours of dialers, their calendars loaded, by their ids; those that keep to the same share them.

    Two queries, whatever their number.
    """
    legal = LegalHours.objects.select_related("calendar").first()
    by_id = {dialer.pk: dialer for dialer in dialers}
    calendars = [*(dialer.calendar for dialer in by_id.values()), legal and legal.calendar]
    days = days_of(list({one.pk: one for one in calendars if one}.values()), now)
    lawful: Hours | None = None
    if legal:
        lawful = hours_of(legal.schedule, legal.time_zone, days.get(legal.calendar_id or 0, no_days))

    @cache
    def kept(schedule: str, time_zone: str, calendar: int | None) -> Ceilings:
        return Ceilings(hours_of(schedule, time_zone, days.get(calendar or 0, no_days)), lawful, now)

    return {key: kept(dialer.schedule, dialer.time_zone, dialer.calendar_id) for key, dialer in by_id.items()}


def closed(kept: Ceilings, now: datetime) -> Closed | None:
    """Why nothing may leave by the clock; None where it may."""
    for key, hours in (("legal_hours", kept.legal), ("schedule", kept.own)):
        if hours is None or hours.is_open(now):
            continue
        day = hours.special(now)
        return Closed("holiday", day.name) if day else Closed(key)
    return None


def by_its_dates(base: Base, now: datetime) -> str:
    """Why nothing of a base may leave by its own dates: `valid_until`, `start_date`, or "" where it may."""
    if base.valid_until and now >= base.valid_until:
        return "valid_until"
    return "start_date" if base.start_at and now < base.start_at else ""


def may_send(base: Base, now: datetime, kept: Ceilings | None = None) -> str:
    """Why nothing of a base may leave now; "" where it may. `kept`: its dialer's hours, where they were read.

    `valid_until start_date legal_hours holiday schedule provider pace`, in this order.
    """
    if dated := by_its_dates(base, now):
        return dated
    shut = closed(kept or ceilings(base.dialer, now), now)
    if shut:
        return shut.key
    if base.dialer.provider.suspended_at:
        return "provider"
    return pace.held(base.dialer.provider_id)


def open_until(dialer: Dialer, now: datetime) -> datetime | None:
    """When a dialer that may send now may no more; None where it may not, or may for two months."""
    return openings.open_until(ceilings(dialer, now).all, now)


def next_opening(dialer: Dialer, now: datetime) -> datetime | None:
    """When a dialer may send next, `now` where it may; None where that is not within two months."""
    return ceilings(dialer, now).next_opening


def finish_estimate(base: Base, seconds_of_work: float, now: datetime) -> datetime | None:
    """When a base with so much work left will be done, sending only inside its hours and after its start date.

    None where that is not within two months, or not before the base's *valid until*.
    """
    begins = max(now, base.start_at) if base.start_at else now
    return openings.done_at(ceilings(base.dialer, now).all, seconds_of_work, begins, base.valid_until)
