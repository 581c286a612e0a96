"""The keeping rules as they stand, and what is old by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from providers.models import KeepingRules
from providers.models.keeping import FOREVER

THE_ROW = 1


def current() -> KeepingRules:
    """The rules that hold now; unsaved defaults where nobody has set any. One query."""
    return KeepingRules.objects.filter(pk=THE_ROW).first() or KeepingRules(pk=THE_ROW)


@dataclass(frozen=True, slots=True)
class Before:
    """What is older than these goes; None = it is kept for ever."""

    callbacks: datetime | None
    set_aside: datetime | None
    unmatched: datetime | None
    media: datetime | None
    messages: datetime | None
    entries: datetime | None


def before(now: datetime) -> Before:
    """By the rules that hold now."""
    rules = current()
    return Before(
        *(
            None if days == FOREVER else now - timedelta(days=days)
            for days in (
                rules.callback_days,
                rules.set_aside_days,
                rules.unmatched_days,
                rules.media_days,
                rules.message_days,
                rules.entry_days,
            )
        )
    )
