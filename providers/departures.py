"""Entering a base's messages into the ledger on their way out: straight as `submitting`, or as held back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from providers import reasons
from providers.errors import Refusal
from providers.models import Direction, Provider
from providers.models.contact import Person
from providers.records import records
from providers.states import State


@dataclass(slots=True)
class Departure:
    """A message that leaves now, or that the gate refused. `content` as in Message, written as JSON."""

    contact: Person
    address: str
    kind: str
    content: str
    text: str
    refusal: Refusal | None = None
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))


ENTER = """
WITH entered AS (
INSERT INTO providers_message (
    provider_id, direction, did, author_id, batch, created_at, taken_up, provider_message_id, raw_code,
    contact_id, address, kind, content, text, correlation_id, error, error_detail,
    state, attempts, submitting_at, lease_until, refused_at
)
SELECT %s, %s, %s, %s, %s, %s, false, '', '',
    v.contact, v.address, v.kind, v.content::jsonb, v.text, v.correlation, v.error, left(v.detail, 500),
    CASE WHEN v.error = '' THEN %s ELSE %s END,
    CASE WHEN v.error = '' THEN 1 ELSE 0 END,
    CASE WHEN v.error = '' THEN %s::timestamptz END,
    CASE WHEN v.error = '' THEN %s::timestamptz END,
    CASE WHEN v.error = '' THEN NULL ELSE %s::timestamptz END
FROM ROWS FROM (json_to_recordset(%s) AS (
    contact bigint, address text, kind text, content text, text text, correlation uuid, error text, detail text
)) WITH ORDINALITY AS v(contact, address, kind, content, text, correlation, error, detail, nth)
ORDER BY v.nth
RETURNING id, correlation_id, batch, state
), counted AS (
    INSERT INTO providers_tallydelta (batch, state, n)
    SELECT batch, state, count(*) FROM entered GROUP BY batch, state
    UNION ALL SELECT batch, %s, -count(*) FROM entered GROUP BY batch
)
SELECT id, correlation_id::text FROM entered
"""


def enter(
    provider: Provider,
    departures: Sequence[Departure],
    *,
    batch: int,
    counted_as: int,
    author_id: int | None,
    lease_until: datetime,
    now: datetime,
) -> list[int]:
    """Writes them with their correlation ids and counts them; returns their ids in the same order. One INSERT.

    `counted_as`: the key of the tally that has counted them until now.
    What may leave is `submitting` until `lease_until`, its first attempt counted; its request must follow at once.
    """
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            ENTER,
            [
                *(provider.pk, Direction.OUT, provider.number, author_id, batch, now),
                *(State.SUBMITTING, State.REFUSED, now, lease_until, now),
                records(map(_values, departures)),
                counted_as,
            ],
        )
        ids = {correlation: key for key, correlation in cursor.fetchall()}
        held_back = [one.refusal.code for one in departures if one.refusal]
        reasons.append((batch, (int(State.QUEUED), ""), (int(State.REFUSED), code)) for code in held_back)
    return [ids[one.correlation_id] for one in departures]


def _values(one: Departure) -> dict[str, Any]:
    return {
        "contact": one.contact.pk,
        "address": one.address,
        "kind": one.kind,
        "content": one.content,
        "text": one.text,
        "correlation": one.correlation_id,
        "error": one.refusal.code if one.refusal else "",
        "detail": one.refusal.detail if one.refusal else "",
    }
