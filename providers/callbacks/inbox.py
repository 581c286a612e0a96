"""The inbox as the drain sees it: what waits, in order, and what is done with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from providers.models import Callback, CallbackToken, Provider
from providers.models.callback import CallbackKind, CallbackState
from providers.records import bigints

WAITING = """
SELECT id, octet_length(body) FROM providers_callback WHERE kind = %s AND state = 0 ORDER BY id LIMIT %s
"""
TAKE = "SELECT * FROM providers_callback WHERE id = ANY(%s::bigint[]) ORDER BY id FOR UPDATE"
DONE = """
WITH done AS (
    UPDATE providers_callback SET state = %s, processed_at = %s, error = ''
    WHERE id = ANY(%s::bigint[]) AND state <> %s RETURNING provider_id, token_id, received_at
)
SELECT provider_id, token_id, max(received_at) FROM done WHERE provider_id IS NOT NULL GROUP BY provider_id, token_id
ORDER BY provider_id, token_id
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest callbacks that wait, as many as fit, at least one; `full` where no further one fits."""

    keys: list[int]
    full: bool


def look(kind: CallbackKind, most: int, most_bytes: int) -> Waiting:
    """What waits, up to so many callbacks and bytes of their bodies."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [kind.value, most])
        rows = cursor.fetchall()
    keys: list[int] = []
    total = 0
    for key, length in rows:
        total += length
        if keys and total > most_bytes:
            return Waiting(keys, full=True)
        keys.append(key)
    return Waiting(keys, full=len(keys) == most)


def take(keys: Sequence[int]) -> list[Callback]:
    """These callbacks, locked, in order. Inside a transaction."""
    return list(Callback.objects.raw(TAKE, [bigints(keys)]))


def done(keys: Sequence[int], now: datetime) -> None:
    """Marks them as applied, and notes at their providers and tokens when the last one came."""
    state = CallbackState.DONE.value
    with connection.cursor() as cursor:
        cursor.execute(DONE, [state, now, bigints(keys), state])
        latest = cursor.fetchall()
    for provider_id, token_id, at in latest:
        Provider.objects.filter(pk=provider_id).exclude(last_callback_at__gte=at).update(last_callback_at=at)
        CallbackToken.objects.filter(pk=token_id or 0).exclude(last_used_at__gte=at).update(last_used_at=at)
