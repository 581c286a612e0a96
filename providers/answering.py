"""Which message of ours a customer's message answers: the one it names, else the last one sent to them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from providers import tally
from providers.models import Direction, Message
from providers.records import bigints, records
from providers.states import REPLIED, State

# The customer's clock is the provider's: what it dates a little before our message may answer it all the same.
CLOCKS_APART = timedelta(minutes=1)
NEVER_REACHED = [int(state) for state in (State.REFUSED, State.EXPIRED, State.FAILED)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's message: where, from whom, written when, and the correlation id that it names."""

    provider_id: int
    contact_id: int
    at: datetime
    correlation_id: UUID | None = None


# OFFSET 0: each is looked up by its index, however many the planner expects.
ANSWERED = """
WITH RECURSIVE asked AS (
    SELECT * FROM ROWS FROM (json_to_recordset(%(asked)s) AS (
        provider bigint, contact bigint, at timestamptz, correlation uuid
    )) WITH ORDINALITY AS a(provider, contact, at, correlation, nth)
), named AS (
    SELECT a.nth, m.id FROM asked a CROSS JOIN LATERAL (
        SELECT id, provider_id, contact_id, direction FROM providers_message
        WHERE correlation_id = a.correlation OFFSET 0
    ) m WHERE m.direction = %(out)s AND m.provider_id = a.provider AND m.contact_id = a.contact
), latest AS (
    SELECT a.nth, m.id FROM asked a CROSS JOIN LATERAL (
        SELECT s.id FROM (
            SELECT id, COALESCE(submitting_at, accepted_at, created_at) AS sent FROM providers_message
            WHERE contact_id = a.contact AND direction = %(out)s AND NOT opt_out
              AND state >= %(left)s AND state <> ALL(%(never)s)
        ) s
        WHERE s.sent BETWEEN a.at - %(within)s AND a.at + %(apart)s
        ORDER BY s.sent > a.at, abs(extract(epoch FROM s.sent - a.at)), s.id DESC LIMIT 1
    ) m WHERE NOT EXISTS (SELECT 1 FROM named n WHERE n.nth = a.nth)
), placed AS (
    SELECT nth, id FROM (SELECT * FROM named UNION ALL SELECT * FROM latest) AS found
    UNION ALL
    SELECT p.nth, m.sent_again_as_id FROM placed p CROSS JOIN LATERAL (
        SELECT sent_again_as_id FROM providers_message WHERE id = p.id AND sent_again_as_id IS NOT NULL OFFSET 0
    ) m
)
SELECT nth, max(id) FROM placed GROUP BY nth
"""


def reply_time() -> timedelta:
    """For how long a message without a correlation id counts as an answer to the last one sent."""
    return timedelta(hours=settings.REPLY_HOURS)


def answered(asked: Sequence[Asked]) -> list[int | None]:
    """The id of the message that each one answers, in their order; None where there is none. One query.

    The correlation id decides where it names a message to the same contact, whenever that was sent; else it is
    the last one that may have reached them, within the reply time before they wrote. Of one that was sent again
    it is the one in its place.
    """
    rows = [
        {
            "provider": one.provider_id,
            "contact": one.contact_id,
            "at": one.at.isoformat(),
            "correlation": str(one.correlation_id) if one.correlation_id else None,
        }
        for one in asked
    ]
    values: dict[str, Any] = {
        "asked": records(rows),
        "out": Direction.OUT,
        "left": State.SUBMITTING,
        "never": NEVER_REACHED,
        "within": reply_time(),
        "apart": CLOCKS_APART,
    }
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, values)
        found = dict(cursor.fetchall())
    return [found.get(nth) for nth in range(1, len(asked) + 1)]


REPLIES_NOW = """
UPDATE providers_message AS m SET replied_at = (
    SELECT min(i.received_at) FROM providers_message i
    WHERE i.answers_id = m.id AND i.answers_id IS NOT NULL AND NOT i.opt_out
) WHERE m.id = ANY(%s::bigint[]) RETURNING m.id, m.replied_at
"""


def recount(message_ids: Sequence[int]) -> None:
    """Notes anew whether and when these were answered, after answers were given to others. Three queries."""
    if not message_ids:
        return
    with transaction.atomic():
        rows = list(
            Message.objects.filter(id__in=message_ids)
            .order_by("id")
            .select_for_update(of=("self",))
            .values_list("id", "batch", "replied_at")
        )
        with connection.cursor() as cursor:
            cursor.execute(REPLIES_NOW, [bigints(row[0] for row in rows)])
            after = dict(cursor.fetchall())
        deltas: Counter[tuple[int, int]] = Counter()
        for key, batch, before in rows:
            if batch is not None:
                deltas[batch, REPLIED] += (after[key] is not None) - (before is not None)
        tally.append(deltas)
