"""Free text of a base: how much of it may leave now, since its people wrote within 24 hours."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from dialers.models import Base
from providers.drivers import driver_for
from providers.models.contact import WINDOW
from providers.models.message import Kind

OPEN_WINDOWS = """
SELECT count(*) FROM dialers_row r
JOIN providers_contact c ON c.provider_id = %s AND c.contact = r.contact AND c.last_incoming_at > %s
WHERE r.base_id = %s AND r.kind = %s AND (c.window_closed_at IS NULL OR c.window_closed_at < c.last_incoming_at)
"""
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
    return FreeText(rows, min(rows, open_windows(base, now)), now=True)


def open_windows(base: Base, now: datetime) -> int:
    """How many rows of free text go to somebody who wrote within the 24 hours before `now`. Reads the whole base."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN_WINDOWS, [base.dialer.provider_id, now - WINDOW, base.pk, Kind.TEXT])
        return int(cursor.fetchone()[0])
