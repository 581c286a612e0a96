"""Free text of a base: how much of it may leave now, since its people wrote within 24 hours."""

from dataclasses import dataclass
from datetime import datetime

from dialers.models import Base, Row
from providers.drivers import driver_for
from providers.models import Contact
from providers.models.contact import WINDOW
from providers.models.message import Kind

COUNTED_ANEW = 100_000  # rows; a larger base shows what was counted while it was loaded


@dataclass(frozen=True, slots=True)
class FreeText:
    """Rows of free text, and how many of them have an open window; `now` or when the base was loaded."""

    rows: int
    open: int
    now: bool

    @property
    def held_back(self) -> int:
        return self.rows - self.open


def free_text(base: Base, now: datetime) -> FreeText | None:
    """None where it has no free text or its provider knows no window. One statement at most."""
    rows = base.found.get("free_text") or 0
    provider = base.dialer.provider
    if not rows or not driver_for(provider.api_type).windowed:
        return None
    if base.valid > COUNTED_ANEW:
        return FreeText(rows, min(rows, base.found.get("window_open") or 0), now=False)
    people = Contact.objects.filter(provider=provider, last_incoming_at__gt=now - WINDOW).values("contact")
    still = Row.objects.filter(base=base, kind=Kind.TEXT, contact__in=people).count()
    return FreeText(rows, min(rows, still), now=True)
