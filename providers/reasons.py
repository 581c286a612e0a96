"""Failures by reason: per batch, state of trouble and error, counted in the transaction that moves the message.

For every batch and state of TROUBLE the errors add up to what the tally says of that state.
"""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Sum

from providers.models.tally import ErrorDelta, ErrorTally
from providers.states import TROUBLE

Standing = tuple[int, str]  # state and error of a message, or of an event
Key = tuple[int, int, str]  # batch, state, error
_TROUBLE = frozenset(map(int, TROUBLE))


def append(moves: Iterable[tuple[int | None, Standing, Standing]]) -> None:
    """Counts (batch, standing before, event) moves; call it inside their transaction.

    One INSERT of a row for each distinct (batch, state, error) that gained or lost; nothing without trouble.
    """
    _write(changed(moves))


def changed(moves: Iterable[tuple[int | None, Standing, Standing]]) -> Counter[Key]:
    """The deltas of such moves. An event of a lower state changes nothing."""
    deltas: Counter[Key] = Counter()
    for batch, before, event in moves:
        if batch is None or not (before[0] in _TROUBLE or event[0] in _TROUBLE):
            continue
        for sign, (state, error) in ((-1, before), (1, after(before, event))):
            if state in _TROUBLE:
                deltas[batch, int(state), error] += sign
    return deltas


def after(before: Standing, event: Standing) -> Standing:
    """How a message stands after an event: the higher state; of one state the error that the ledger keeps."""
    if before[0] != event[0]:
        return max(before, event, key=lambda standing: standing[0])
    return before[0], min(before[1], event[1], key=lambda error: (not error, error))


def leave(messages: Iterable[tuple[int | None, int, str]]) -> None:
    """Messages (batch, state, error) leave their batches, as those that are sent again do."""
    _write(_times(-1, messages))


def enter(messages: Iterable[tuple[int | None, int, str]]) -> None:
    """Messages (batch, state, error) come back into their batches."""
    _write(_times(1, messages))


def _times(sign: int, messages: Iterable[tuple[int | None, int, str]]) -> Counter[Key]:
    deltas: Counter[Key] = Counter()
    for batch, state, error in messages:
        if batch is not None and state in _TROUBLE:
            deltas[batch, int(state), error] += sign
    return deltas


def _write(deltas: Counter[Key]) -> None:
    ErrorDelta.objects.bulk_create(
        ErrorDelta(batch=batch, state=state, error=error, n=n)
        for (batch, state, error), n in sorted(deltas.items())
        if n
    )


def read(batches: Iterable[int]) -> dict[int, dict[Standing, int]]:
    """How many messages of each batch stand in trouble, by state and error, none of them 0. One query."""
    wanted = list(batches)
    totals = ErrorTally.objects.filter(batch__in=wanted).values_list("batch", "state", "error", "n")
    deltas = (
        ErrorDelta.objects.filter(batch__in=wanted)
        .values("batch", "state", "error")
        .annotate(total=Sum("n"))
        .values_list("batch", "state", "error", "total")
    )
    counts: Counter[Key] = Counter()
    for batch, state, error, n in totals.union(deltas, all=True):
        counts[batch, state, error] += n
    found: dict[int, dict[Standing, int]] = {batch: {} for batch in wanted}
    for (batch, state, error), n in counts.items():
        if n:
            found[batch][state, error] = n
    return found
