"""The funnel of a base or a dialer, and its failures by reason: from tallies alone, whatever the number of rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Sum

from dialers.models import Base, Dialer
from providers import reasons
from providers.errors import held_back
from providers.models import Tally, TallyDelta
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
    bases = Base.objects.filter(dialer=dialer).values("pk")
    folded, fresh = (
        table.filter(batch__in=bases).values("state").annotate(total=Sum("n")).values_list("state", "total")
        for table in (Tally.objects, TallyDelta.objects)
    )
    counts = dict.fromkeys(TALLY_KEYS.values(), 0)
    for state, n in folded.union(fresh, all=True):
        counts[TALLY_KEYS[state]] += n
    return counts
