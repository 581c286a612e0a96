"""Entering a base's messages into the ledger on their way out: straight as `submitting`, or as held back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from providers import reasons
from providers.errors import Refusal
from providers.models import Direction, Provider
from providers.models.contact import Person
from providers.records import bigints, records, text_array
from providers.states import State


@dataclass(slots=True)
class Departure:
    """A message that leaves now, or that the gate refused. `content` as in Message, written as JSON."""

    contact: Person
    address: str
    kind: str
    content: str
    text: str
    correlation_id: str
    refusal: Refusal | None = None


# What many of them share is written and read once.
ENTER = """
WITH contents AS MATERIALIZED (
    SELECT c.nth, c.kind, c.content::jsonb AS content, c.text FROM ROWS FROM (
        json_to_recordset(%s) AS (kind text, content text, text text)
    ) WITH ORDINALITY AS c(kind, content, text, nth)
), entered AS (
INSERT INTO providers_message (
    provider_id, direction, did, author_id, batch, created_at, taken_up, provider_message_id, raw_code,
    contact_id, address, kind, content, text, correlation_id, error, error_detail,
    state, attempts, submitting_at, lease_until, refused_at
)
SELECT %s, %s, %s, %s, %s, %s, false, '', '',
    v.contact, v.address, c.kind, c.content, c.text, v.correlation, v.error, left(v.detail, 500),
    CASE WHEN v.error = '' THEN %s ELSE %s END,
    CASE WHEN v.error = '' THEN 1 ELSE 0 END,
    CASE WHEN v.error = '' THEN %s::timestamptz END,
    CASE WHEN v.error = '' THEN %s::timestamptz END,
    CASE WHEN v.error = '' THEN NULL ELSE %s::timestamptz END
FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::bigint[], %s::text[], %s::text[])
    WITH ORDINALITY AS v(contact, address, correlation, content, error, detail, nth)
    JOIN contents c ON c.nth = v.content
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
    contents: dict[tuple[str, str, str], int] = {}
    for one in departures:
        contents.setdefault((one.kind, one.content, one.text), len(contents) + 1)
    refusals = [one.refusal for one in departures]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            ENTER,
            [
                records({"kind": kind, "content": content, "text": text} for kind, content, text in contents),
                *(provider.pk, Direction.OUT, provider.number, author_id, batch, now),
                *(State.SUBMITTING, State.REFUSED, now, lease_until, now),
                bigints(one.contact.pk for one in departures),
                text_array(one.address for one in departures),
                text_array(one.correlation_id for one in departures),
                bigints(contents[one.kind, one.content, one.text] for one in departures),
                text_array(why.code if why else "" for why in refusals),
                text_array(why.detail if why else "" for why in refusals),
                counted_as,
            ],
        )
        ids = {correlation: key for key, correlation in cursor.fetchall()}
        held_back = [why.code for why in refusals if why]
        reasons.append((batch, (int(State.QUEUED), ""), (int(State.REFUSED), code)) for code in held_back)
    return [ids[one.correlation_id] for one in departures]
