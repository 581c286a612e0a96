"""Closing a 24-hour session of which the provider says that it is not open."""

from collections.abc import Mapping

from django.db import connection

from providers import live
from providers.records import bigints

# Errors that say so: of any message, and of whatever is no template, which may always leave.
SAID = "window_closed"
SAID_OF_FREE_TEXT = "not_delivered"

# Our own time of leaving, which no callback moves: a customer's later message has opened the session again.
CLOSE = """
WITH told AS (
    SELECT m.contact_id AS id, max(COALESCE(m.submitting_at, m.created_at)) AS at FROM providers_message m
    WHERE m.direction = 1 AND (m.id = ANY(%s::bigint[]) OR (m.id = ANY(%s::bigint[]) AND m.kind <> 'hsm'))
    GROUP BY m.contact_id
), held AS (
    SELECT c.id, told.at FROM providers_contact c JOIN told ON told.id = c.id
    WHERE c.window_closed_at IS NULL OR c.window_closed_at < told.at
    ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE providers_contact c SET window_closed_at = GREATEST(c.window_closed_at, held.at)
FROM held WHERE c.id = held.id RETURNING c.id
"""


def close(told: Mapping[int, str]) -> None:
    """Closes the sessions of whoever a message failed for because none was open, until they write again.

    `told`: the errors of messages of ours, by id. Any order and repetition ends alike. Inside the transaction of
    the statuses, before these lock their messages: whoever receives locks contacts first. One query, mostly none.
    """
    closed = bigints(key for key, error in told.items() if error == SAID)
    perhaps = bigints(key for key, error in told.items() if error == SAID_OF_FREE_TEXT)
    if not any(error in (SAID, SAID_OF_FREE_TEXT) for error in told.values()):
        return
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [closed, perhaps])
        live.tell_contacts(row[0] for row in cursor.fetchall())
