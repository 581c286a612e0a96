"""Tallies: appended where a state moves, folded by a sweep, read as the sum of both."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from providers.models.tally import Tally, TallyDelta
from providers.states import TAKEN, TALLY_KEYS, TROUBLE, State

# What was folded is noted by the minute, too, with the provider of the batch: see providers.minutes.
# ANY(ARRAY(…)) is evaluated once; with IN the planner may evaluate it per row, past its LIMIT.
FOLD = """
WITH taken AS (
    DELETE FROM {deltas} WHERE id = ANY(ARRAY(
        SELECT id FROM {deltas} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    )) RETURNING {keys}, n
), folded AS (
    INSERT INTO {totals} ({keys}, n)
    SELECT {keys}, sum(n) FROM taken GROUP BY {keys} ORDER BY {keys}
    ON CONFLICT ({keys}) DO UPDATE SET n = {totals}.n + EXCLUDED.n
), grown AS (
    SELECT batch, {outcome} AS state, {error} AS error, sum(n) AS n
    FROM taken WHERE state IN ({states}) GROUP BY 1, 2, 3 HAVING sum(n) <> 0
), noted AS (
    INSERT INTO providers_minutetally (minute, provider, batch, state, error, n)
    SELECT date_trunc('minute', %s::timestamptz), provider, batch, state, error, n
    FROM grown, LATERAL (
        SELECT provider_id AS provider FROM providers_message m WHERE m.batch = grown.batch LIMIT 1
    ) its ORDER BY provider, batch, state, error
    ON CONFLICT (minute, provider, batch, state, error)
    DO UPDATE SET n = providers_minutetally.n + EXCLUDED.n
)
SELECT count(*) FROM taken
"""
STATES = {
    "deltas": "providers_tallydelta",
    "totals": "providers_tally",
    "keys": "batch, state",
    "outcome": str(int(State.ACCEPTED)),
    "error": "''",
    "states": ", ".join(str(int(state)) for state in TAKEN),
}
ERRORS = {
    "deltas": "providers_errordelta",
    "totals": "providers_errortally",
    "keys": "batch, state, error",
    "outcome": "state",
    "error": "error",
    "states": ", ".join(str(int(state)) for state in TROUBLE),
}


def append(deltas: Mapping[tuple[int, int], int]) -> None:
    """Adds ±n to (batch, state) pairs. Call it inside the transaction that moves the states."""
    TallyDelta.objects.bulk_create(
        TallyDelta(batch=batch, state=state, n=n) for (batch, state), n in sorted(deltas.items()) if n
    )


def moved(moves: Iterable[tuple[int | None, int, int]]) -> Counter[tuple[int, int]]:
    """The deltas of (batch, old state, new state) moves; what has no batch is in no tally."""
    deltas: Counter[tuple[int, int]] = Counter()
    for batch, old, new in moves:
        if batch is not None and old != new:
            deltas[batch, old] -= 1
            deltas[batch, new] += 1
    return deltas


def fold(limit: int = 5000, now: datetime | None = None) -> int:
    """Folds up to `limit` deltas of states, and as many of errors, into the totals; returns the larger number.

    `now`: the minute in which what they tell of is counted.
    """
    now = now or timezone.now()
    return max(_fold(STATES, limit, now), _fold(ERRORS, limit, now))


def _fold(tables: Mapping[str, str], limit: int, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOLD.format(**tables), [limit, now])
        (count,) = cursor.fetchone()
    return int(count)


def read(batches: Iterable[int]) -> dict[int, dict[str, int]]:
    """The exact counts per batch, every key of TALLY_KEYS present. One query, so that no fold slips between."""
    wanted = list(batches)
    counts = {batch: dict.fromkeys(TALLY_KEYS.values(), 0) for batch in wanted}
    totals = Tally.objects.filter(batch__in=wanted).values_list("batch", "state", "n")
    deltas = (
        TallyDelta.objects.filter(batch__in=wanted)
        .values("batch", "state")
        .annotate(total=Sum("n"))
        .values_list("batch", "state", "total")
    )
    for batch, state, n in totals.union(deltas, all=True):
        counts[batch][TALLY_KEYS[state]] += n
    return counts
