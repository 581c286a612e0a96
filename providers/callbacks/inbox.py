"""The inbox as the drain sees it: what waits, in order, and what is done with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.db import connection

from providers.models import CallbackToken, Provider
from providers.models.callback import CallbackKind, CallbackState
from providers.records import bigints

WAITING = """
SELECT id, octet_length(body) FROM providers_callback WHERE kind = %s AND state = 0 ORDER BY id LIMIT %s
"""
TAKE = """
UPDATE providers_callback SET
    state = %(done)s, error = '', processed_at = CASE WHEN state = %(done)s THEN processed_at ELSE %(now)s END
WHERE id = ANY(%(keys)s::bigint[]) RETURNING id, kind, provider_id, token_id, received_at, body
"""


@dataclass(slots=True)
class Taken:
    """A callback that is being applied. `provider_id` is None until the origin tells (open mode)."""

    pk: int
    kind: str
    provider_id: int | None
    token_id: int | None
    received_at: datetime
    body: bytes


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


def take(keys: Sequence[int], now: datetime) -> list[Taken]:
    """These callbacks in order, their rows held and marked as applied: inside the transaction that applies them."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"done": CallbackState.DONE.value, "now": now, "keys": bigints(keys)})
        return [Taken(*row) for row in sorted(cursor.fetchall(), key=itemgetter(0))]


def note(taken: Iterable[Taken]) -> None:
    """Notes at their providers and tokens when the last one came."""
    latest: dict[tuple[int, int], datetime] = {}
    for one in taken:
        if one.provider_id is not None:
            key = one.provider_id, one.token_id or 0
            latest[key] = max(one.received_at, latest.get(key, one.received_at))
    for (provider_id, token_id), at in sorted(latest.items()):
        Provider.objects.filter(pk=provider_id).exclude(last_callback_at__gte=at).update(last_callback_at=at)
        CallbackToken.objects.filter(pk=token_id).exclude(last_used_at__gte=at).update(last_used_at=at)
