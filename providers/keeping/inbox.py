"""Pruning of the inbox: quarantined items, statuses of unknown messages, then the callbacks that nothing holds."""

from datetime import datetime
from typing import Any

from django.db import connection

from providers.keeping import progress
from providers.keeping.rules import Before
from providers.models.callback import CallbackState

# A look at the oldest rows alone: where these are young, all are.
OLDEST = """
DELETE FROM {table} WHERE id = ANY(ARRAY(
    SELECT id FROM (SELECT id, created_at FROM {table} ORDER BY id LIMIT %(page)s) oldest
    WHERE created_at < %(before)s
)) RETURNING id
"""
# A callback stays as long as something of it is kept by itself. `from` is where the last page ended.
APPLIED = """
DELETE FROM providers_callback WHERE id = ANY(ARRAY(
    SELECT c.id FROM providers_callback c
    WHERE c.received_at >= %(from)s AND c.received_at < %(before)s AND c.state = %(state)s
      AND NOT EXISTS (SELECT 1 FROM providers_quarantineditem q WHERE q.callback_id = c.id)
      AND NOT EXISTS (SELECT 1 FROM providers_unmatchedstatus u WHERE u.callback_id = c.id)
    ORDER BY c.received_at LIMIT %(page)s FOR UPDATE SKIP LOCKED
)) RETURNING received_at
"""
SET_ASIDE = """
WITH old AS (
    SELECT id FROM providers_callback WHERE state = 2 AND received_at < %(before)s
    ORDER BY received_at LIMIT %(page)s FOR UPDATE SKIP LOCKED
), items AS (
    DELETE FROM providers_quarantineditem WHERE callback_id IN (SELECT id FROM old)
), unmatched AS (
    DELETE FROM providers_unmatchedstatus WHERE callback_id IN (SELECT id FROM old)
)
DELETE FROM providers_callback WHERE id IN (SELECT id FROM old) RETURNING id
"""
LONG_AGO = "-infinity"


def prune_inbox(before: Before, now: datetime) -> int:
    """Deletes what is old, a page a transaction, at most so many pages of each kind. Returns how many rows.

    What has not been applied yet stays, however old. Two at once do no harm.
    """
    return sum(
        progress.note(kind, n, now)
        for kind, n in (
            ("quarantine", _oldest("providers_quarantineditem", before.set_aside)),
            ("unmatched", _oldest("providers_unmatchedstatus", before.unmatched)),
            ("set aside", _pages(SET_ASIDE, {"before": before.set_aside})),
            ("callbacks", _applied(before.callbacks)),
        )
    )


def _oldest(table: str, before: datetime | None) -> int:
    return _pages(OLDEST.format(table=table), {"before": before})


def _pages(statement: str, values: dict[str, Any]) -> int:
    gone = 0
    for _page in range(progress.PAGES if values["before"] else 0):
        found = _deleted(statement, values)
        gone += len(found)
        if len(found) < progress.PAGE:
            break
    return gone


def _applied(before: datetime | None) -> int:
    gone, begin = 0, LONG_AGO
    for _page in range(progress.PAGES if before else 0):
        values = {"before": before, "from": begin, "state": int(CallbackState.DONE)}
        found = _deleted(APPLIED, values)
        gone += len(found)
        if len(found) < progress.PAGE:
            break
        begin = max(found)
    return gone


def _deleted(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**values, "page": progress.PAGE})
        return [row[0] for row in cursor.fetchall()]
