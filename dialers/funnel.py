"""The funnel of a base or a dialer, and its failures by reason: from tallies alone, whatever the number of rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from dialers.models import Base, Dialer
from providers import reasons
from providers.errors import held_back
from providers.reasons import Standing
from providers.states import TALLY_KEYS, State

# What reached at least each stage. Taken is whatever Wavy said to have: also what expired or was not delivered
# later. Those two are counted as sent by no one: a state tells where a message is, not which way it came.
STAGES: dict[str, tuple[str, ...]] = {
    "taken": ("accepted", "sent", "expired", "failed", "delivered", "read"),
    "sent": ("sent", "delivered", "read"),
    "delivered": ("delivered", "read"),
    "read": ("read",),
    "replied": ("replied",),
}
# What stands beside the funnel: on its way in, or out of it.
BESIDE = ("pending", "queued", "submitting", "uncertain", "refused", "expired", "failed", "skipped")
FAILURES = (State.REFUSED, State.EXPIRED, State.FAILED)

COUNTS = """
SELECT b.dialer_id, t.state, sum(t.n) FROM dialers_base b JOIN providers_tally t ON t.batch = b.id
WHERE b.dialer_id = ANY(%(dialers)s) GROUP BY 1, 2
UNION ALL
SELECT b.dialer_id, t.state, sum(t.n) FROM dialers_base b JOIN providers_tallydelta t ON t.batch = b.id
WHERE b.dialer_id = ANY(%(dialers)s) GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """How many reached at least this stage, of all rows and of the stage before it (percent; None of nothing)."""

    key: str
    n: int
    percent: float | None
    of_previous: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """How many ended for one reason. `error` is a key of providers.errors."""

    state: State
    error: str
    n: int

    @property
    def held_back(self) -> bool:
        """Whether our own gate did it, so that nothing left."""
        return held_back(self.state == State.REFUSED, self.error)


def funnel(counts: Mapping[str, int], total: int) -> list[Stage]:
    """The stages of `total` rows, the first being all of them. A reply counts also where no receipt told of it."""
    stages = [Stage("rows", total, 100.0 if total else None, None)]
    for key, states in STAGES.items():
        n = sum(counts[state] for state in states)
        stages.append(Stage(key, n, _percent(n, total), _percent(n, stages[-1].n)))
    return stages


def _percent(n: int, total: int) -> float | None:
    return 100 * n / total if total else None


def held_back_of(told: Mapping[Standing, int]) -> int:
    """How many our own gate held back, out of a base's `reasons.read`; the rest of its refused Wavy turned away."""
    return sum(n for (state, error), n in told.items() if held_back(state == State.REFUSED, error))


def failures(base: Base) -> list[Failure]:
    """Why messages of a base did not arrive, the most frequent reason first. One query."""
    told = reasons.read([base.pk])[base.pk]
    found = [
        Failure(State(state), error, n) for (state, error), n in told.items() if State(state) in FAILURES
    ]
    return sorted(found, key=lambda one: (-one.n, one.state, one.error))


def dialer_counts(dialer: Dialer) -> dict[str, int]:
    """The sum of the tallies of all of a dialer's bases, added up by the database. One query."""
    return counts_of([dialer.pk])[dialer.pk]


def counts_of(dialers: Iterable[int]) -> dict[int, dict[str, int]]:
    """The same for each of some dialers, by their ids. One query."""
    counts = {key: dict.fromkeys(TALLY_KEYS.values(), 0) for key in dialers}
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"dialers": list(counts)})
        for key, state, n in cursor.fetchall():
            counts[key][TALLY_KEYS[state]] += int(n)
    return counts
