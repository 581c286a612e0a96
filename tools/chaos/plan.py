"""What one run does, all drawn from its seed: the bases, the faults, the kills and the operator's acts."""

import random
from dataclasses import dataclass
from typing import Any, Literal

StrikeKind = Literal["workers", "one worker", "redis", "flush", "postgres", "web", "everything"]
ActKind = Literal["pause", "cancel", "send again", "take as sent"]

DIALERS = ("WavyDialer", "ChaosDialer")
TEMPLATE = "hsm:chatclub_open_session_v2"
FIRST_NUMBER = 5511910000000
INVALID = 3  # lines a base that are no rows
SHORT = 10_000  # rows; below it the run is slowed down, so that every kill finds work in flight
SHORT_PACE = 90  # messages a second
LAST_STRIKE = 0.72  # of all rows
CANCEL_AT = 0.78


@dataclass(frozen=True, slots=True)
class Piece:
    """One base: whose, what it says, and the part of the numbers that it goes to."""

    name: str
    dialer: str
    alike: bool
    first: int
    rows: int

    def valid_lines(self) -> list[str]:
        """Each is one (number, content) that no other line of a run has."""
        return [
            f"{self.dialer};{FIRST_NUMBER + n};{TEMPLATE}:{self.name}:{'all alike' if self.alike else f'no. {n}'}"
            for n in range(self.first, self.first + self.rows)
        ]

    def lines(self) -> list[str]:
        """Its file, with a few lines that are no rows."""
        return [
            *self.valid_lines(),
            *(f"{self.dialer};not a number {n};{TEMPLATE}:a:b" for n in range(INVALID)),
        ]


@dataclass(frozen=True, slots=True)
class Strike:
    """A kill, when so large a share of the rows was taken by the simulator."""

    at: float
    kind: StrikeKind


@dataclass(frozen=True, slots=True)
class Act:
    """Something that an operator does; `piece` is the base that is paused."""

    at: float
    kind: ActKind
    piece: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run. `faults` holds the simulator's switches: at first, and after each strike."""

    seed: int
    rows: int
    pieces: tuple[Piece, ...]
    strikes: tuple[Strike, ...]
    acts: tuple[Act, ...]
    faults: tuple[dict[str, Any], ...]
    pace: int

    @property
    def timeline(self) -> list[Strike | Act]:
        return sorted((*self.strikes, *self.acts), key=lambda each: each.at)


def plan_of(rows: int, seed: int) -> Plan:
    """The run of this seed, with so many rows in all its bases together (100 at least)."""
    dice = random.Random(seed)
    strikes = _strikes(dice, rounds=max(1, min(6, rows // 15_000)))
    short = rows < SHORT
    return Plan(
        seed,
        rows,
        _pieces(rows),
        strikes,
        _acts(dice),
        # A late answer holds its request for half a minute: in a short run only the first phase has some.
        tuple(_faults(dice, short, late=n == 0 or not short) for n in range(len(strikes) + 1)),
        SHORT_PACE if short else 0,
    )


def _pieces(rows: int) -> tuple[Piece, ...]:
    """Distinct and same content on both dialers; the second and third go to people whom another one reaches too."""
    a, b, c = (round(rows * share) for share in (0.35, 0.25, 0.3))
    d = rows - a - b - c
    first, second = DIALERS
    return (
        Piece("A", first, alike=False, first=0, rows=a),
        Piece("B", first, alike=True, first=0, rows=b),
        Piece("C", second, alike=False, first=a // 2, rows=c),
        Piece("D", second, alike=True, first=a + c, rows=d),
    )


def _strikes(dice: random.Random, rounds: int) -> tuple[Strike, ...]:
    kinds: list[StrikeKind] = []
    for n in range(rounds):
        these: list[StrikeKind] = ["workers", "one worker", "redis", "postgres", "web"]
        if n % 2:
            these.append("flush")
        dice.shuffle(these)
        kinds += these
    kinds.insert(dice.randrange(len(kinds) // 2, len(kinds)), "everything")
    step = LAST_STRIKE / len(kinds)
    return tuple(Strike((n + 0.4 + dice.random() * 0.5) * step, kind) for n, kind in enumerate(kinds))


def _acts(dice: random.Random) -> tuple[Act, ...]:
    paused = dice.sample(range(3), 2)
    return (
        Act(dice.uniform(0.15, 0.3), "pause", paused[0]),
        Act(dice.uniform(0.35, 0.5), "send again"),
        Act(dice.uniform(0.4, 0.55), "take as sent"),
        Act(dice.uniform(0.55, 0.65), "pause", paused[1]),
        Act(CANCEL_AT, "cancel"),
    )


def _faults(dice: random.Random, short: bool, late: bool) -> dict[str, Any]:
    """Every sort of answer, lost answers, and callbacks lost, twice, late and shuffled."""
    rare, some = dice.uniform(0.002, 0.006), dice.uniform(0.005, 0.015)
    return {
        "seed": dice.randrange(1, 1_000_000),
        "latency_ms": dice.randrange(300, 700) if short else dice.randrange(50, 200),
        "answers": {
            "500": some, "503": some, "420": some, "429": rare, "400": rare, "502": rare, "504": rare,
        },
        "plain_errors": dice.random() < 0.3,
        "gateway_accepts": 0.5,
        "reset_before": rare,
        "reset_after": rare,
        "late_answers": rare if late else 0.0,
        "late_answer_ms": 40_000,
        "unreadable": rare,
        "missing": some,
        "max_destinations": dice.choice((10, 40)),
        "answer_spelling": dice.choice(("id", "Id", "mixed")),
        "answer_array": dice.random() < 0.3,
        "callback_shape": dice.choice(("envelope", "array")),
        "numbers_as_strings": dice.random() < 0.3,
        "status_before_answer": dice.random() < 0.2,
        "lost": 0.03,
        "duplicated": 0.1,
        "shuffled": 0.1,
        "late": 0.05,
        "late_ms": 3_000,
        "gaps": 0.05,
        "statuses": {"101": 0.01, "104": 0.01, "202": 0.01, "204": 0.005, "999": 0.005},
        "delivered_share": 0.95,
        "read_share": 0.6,
        "reply_share": 0.02,
    }  # fmt: skip
