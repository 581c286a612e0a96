"""Who may get the next interaction, and who gets it: the strategies and distributions, as pure functions.

See docs/decisions/0029 on how a penalty acts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from campaigns.models import Distribution, Strategy

HEAVIEST = 101  # the weight of penalty 0; penalty 100 weighs 1
LAP = 1_000_000  # how far one interaction moves an agent of weight 1

OFFERED_TO_ALL = frozenset({Strategy.RINGALL, Strategy.RINGALLMULTIPLE})
ONE_AT_A_TIME = frozenset({Strategy.INTERACTION, Strategy.RINGALL})


@dataclass(slots=True)
class Candidate:
    """A member who is there. `open`: interactions held in all campaigns; `turn`: where the last one given stood
    in the campaign's order, 0 for none; `last`: when that was."""

    agent_id: int
    penalty: int = 0
    open: int = 0
    turn: int = 0
    last: datetime | None = None


def most_at_a_time(strategy: str, max_interactions: int) -> int:
    """How many an agent may hold, in all campaigns, to get one more of this campaign below it; 0 = no limit."""
    return 1 if strategy in ONE_AT_A_TIME else max_interactions


def has_room(strategy: str, max_interactions: int, held: int) -> bool:
    """Whether somebody who holds so many may get, or pick, one more."""
    most = most_at_a_time(strategy, max_interactions)
    return most == 0 or held < most


def is_given(strategy: str) -> bool:
    """Whether the system chooses the agent; otherwise everybody sees it in the queue, and picks."""
    return strategy not in OFFERED_TO_ALL


def weight(penalty: int) -> int:
    """How much a member gets beside the others: 101 without a penalty, 1 with the highest."""
    return HEAVIEST - min(max(penalty, 0), HEAVIEST - 1)


def stride(penalty: int) -> int:
    """How far one interaction moves a member on in the campaign's order: the heavier, the shorter."""
    return round(LAP / weight(penalty))


class Order:
    """The order of one campaign. `clock` is where it has come to: the furthest `turn` of its members, present or not.

    Whoever comes back after an absence stands where the others are, and catches up on nothing.
    """

    def __init__(self, distribution: str, clock: int, random: Random) -> None:
        self.distribution = distribution
        self.clock = clock
        self.random = random

    def choose(self, candidates: Sequence[Candidate]) -> Candidate | None:
        """The one who gets the next, of those who have room; None where there is nobody. Changes nothing."""
        if not candidates:
            return None
        if self.distribution == Distribution.WRANDOM:
            return self.random.choices(candidates, [weight(one.penalty) for one in candidates])[0]
        if self.distribution == Distribution.LEASTACTIVE:
            return min(_least_loaded(candidates), key=self._place)
        return min(candidates, key=self._place)

    def give(self, chosen: Candidate, now: datetime, in_turn: bool = True) -> None:
        """Notes that the chosen one got it. Out of turn, such as a returning customer's, costs one turn at most."""
        if in_turn and self.distribution != Distribution.WRANDOM:
            self.clock = max(self.clock, chosen.turn + stride(chosen.penalty))
        chosen.turn = self.clock
        chosen.open += 1
        chosen.last = now

    def _place(self, one: Candidate) -> tuple[int, bool, float, int]:
        """Where the next one of a member stands; alike: never given first, then whose last one is longest ago."""
        due = max(self.clock, one.turn + stride(one.penalty))
        return due, one.last is not None, one.last.timestamp() if one.last else 0.0, one.agent_id


def _least_loaded(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those with the fewest open for their weight, compared without fractions."""
    least: list[Candidate] = []
    for one in candidates:
        if least:
            mine = one.open * weight(least[0].penalty)
            theirs = least[0].open * weight(one.penalty)
            if mine > theirs:
                continue
            if mine < theirs:
                least.clear()
        least.append(one)
    return least
