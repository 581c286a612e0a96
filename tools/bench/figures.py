"""One measured figure: what it is, what it must reach, and the line of JSON that says so."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Bound:
    """`name` (a key of the printed figure) must be at least, or at most, `limit`."""

    name: str
    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.sign == ">=" else value <= self.limit

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.limit:g}"


def at_least(**limits: float) -> tuple[Bound, ...]:
    """Bounds from below, by the key of the printed figure."""
    return tuple(Bound(name, ">=", limit) for name, limit in limits.items())


def at_most(**limits: float) -> tuple[Bound, ...]:
    """Bounds from above, by the key of the printed figure."""
    return tuple(Bound(name, "<=", limit) for name, limit in limits.items())


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` is `value` to `baseline`; what else is worth knowing stands in `more`, by its key."""

    bench: str
    value: float
    unit: str
    baseline: float | None = None
    must: tuple[Bound, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """The figure as it is printed, with its bounds and those that it misses."""
        shown: dict[str, Any] = {
            "bench": self.bench,
            "value": _rounded(self.value),
            "unit": self.unit,
            "baseline": None if self.baseline is None else _rounded(self.baseline),
            "ratio": round(self.value / self.baseline, 3) if self.baseline else None,
            **self.more,
        }
        missed = [str(bound) for bound in self.must if not bound.holds(float(shown[bound.name]))]
        return shown | {"must": [str(bound) for bound in self.must], "missed": missed}

    def line(self) -> str:
        return json.dumps(self.told(), ensure_ascii=False)


def _rounded(value: float) -> float:
    return round(value, 1) if value >= 100 else round(value, 3)
