"""How the board writes durations, as `desk/times.js` does."""

from datetime import datetime

from django import template

register = template.Library()


@register.filter
def clock(seconds: int) -> str:
    """2:40, from an hour on 1 h 05, from a day on 2 d."""
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02}"
    if seconds < 86400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02}"
    return f"{seconds // 86400} d"


@register.filter
def elapsed(since: datetime, now: datetime) -> str:
    """How long ago, as `clock` writes it."""
    return clock(max(0, int((now - since).total_seconds())))


@register.filter
def percent(share: float) -> str:
    """A share as whole percent; below 100 unless it is all of them."""
    return str(100 if share >= 1 else int(100 * share))
