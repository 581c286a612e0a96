"""The bars of the service level: what was answered within the limit, later, and abandoned, drawn to one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

from sessions.level_report import Line

WIDTH, HEIGHT, GAP = 1000, 160, 0.15  # of the drawing, in its own units; the gap as a share of a bar


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of one colour."""

    colour: str
    y: str
    height: str


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval: where it stands, its pieces from below, and what it is of."""

    x: str
    width: str
    pieces: tuple[Piece, ...]
    line: Line


def bars(lines: Sequence[Line]) -> list[Bar]:
    """As high as what was offered, the highest one as high as the drawing; what still waits stays open."""
    if not lines:
        return []
    step = WIDTH / len(lines)
    scale = HEIGHT / max(line.of.offered for line in lines)
    width = min(step * (1 - GAP), 60.0)
    return [
        Bar(f"{n * step:.2f}", f"{width:.2f}", _pieces(line, scale), line) for n, line in enumerate(lines)
    ]


def _pieces(line: Line, scale: float) -> tuple[Piece, ...]:
    of, below, found = line.of, 0.0, []
    late = of.answered - of.answered_in_time
    waiting = of.offered - of.answered - of.abandoned
    parts = (("green", of.answered_in_time), ("amber", late), ("red", of.abandoned), ("grey", waiting))
    for colour, count in parts:
        height = count * scale
        if height > 0:
            found.append(Piece(colour, f"{HEIGHT - below - height:.2f}", f"{height:.2f}"))
        below += height
    return tuple(found)
