"""Dates and times as the page's fields send and show them, in the dialer's zone."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from dialers.models import Base
from dialers.terms import YEARS, no_date

INPUT = "%Y-%m-%dT%H:%M"  # what a field for a date and a time takes


def moment_of(raw: str, zone: ZoneInfo) -> datetime | None:
    """The aware time that a field names; None for an empty one. Raises Refusal `date` for what is none."""
    if not raw.strip():
        return None
    try:
        naive = parse_datetime(raw.strip())
    except ValueError:
        naive = None
    if naive is None or naive.tzinfo or naive.year not in YEARS:
        raise no_date(raw)
    # In UTC, since two times of one zone compare by the wall, which a turned clock deceives.
    return naive.replace(tzinfo=zone).astimezone(UTC)


def shown_dates(base: Base, typed: Any = None) -> dict[str, str]:
    """What stands in the two fields: what was typed and refused, else what is saved."""
    zone = ZoneInfo(base.dialer.time_zone)
    saved = {"start_at": base.start_at, "valid_until": base.valid_until}
    return {
        name: typed.get(name, "") if typed else at.astimezone(zone).strftime(INPUT) if at else ""
        for name, at in saved.items()
    }
