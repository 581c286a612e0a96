"""Tallies: appended where a state moves, folded by a sweep, read as the sum of both."""

from collections import Counter
from collections.abc import Iterable, Mapping

from django.db import connection, transaction
from django.db.models import Sum

from providers.models.tally import Tally, TallyDelta
from providers.states import TALLY_KEYS

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
)
SELECT count(*) FROM taken
"""
STATES = {"deltas": "providers_tallydelta", "totals": "providers_tally", "keys": "batch, state"}
ERRORS = {"deltas": "providers_errordelta", "totals": "providers_errortally", "keys": "batch, state, error"}


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


def fold(limit: int = 5000) -> int:
    """Folds up to `limit` deltas of states, and as many of errors, into the totals; returns the larger number."""
    return max(_fold(STATES, limit), _fold(ERRORS, limit))


def _fold(tables: Mapping[str, str], limit: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FOLD.format(**tables), [limit])
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
