"""The strategies and distributions: tables for each choice, and seeded simulations for shares over a day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count, pairwise
from random import Random

import pytest

from campaigns.models import Distribution, Strategy
from sessions.strategies import Candidate, Order, has_room, is_given, stride, weight
from tests.factories import NOW

HOUR_AGO = NOW - timedelta(hours=1)
RRMEMORY, WRANDOM, LEASTACTIVE = Distribution.RRMEMORY, Distribution.WRANDOM, Distribution.LEASTACTIVE


@pytest.mark.parametrize(
    ("strategy", "most", "held", "wanted"),
    [
        pytest.param(Strategy.INTERACTION, 0, 0, True, id="interaction: free"),
        pytest.param(Strategy.INTERACTION, 0, 1, False, id="interaction: one at a time"),
        pytest.param(Strategy.INTERACTION, 5, 1, False, id="interaction: one, whatever the maximum"),
        pytest.param(Strategy.RINGALL, 0, 0, True, id="ringall: free"),
        pytest.param(Strategy.RINGALL, 5, 1, False, id="ringall: one at a time"),
        pytest.param(Strategy.RINGALLMULTIPLE, 0, 500, True, id="ringallmultiple: as many as wanted"),
        pytest.param(
            Strategy.RINGALLMULTIPLE, 2, 2, False, id="ringallmultiple: a maximum that is set holds"
        ),
        pytest.param(Strategy.NOPAUSE, 0, 500, True, id="nopause: no limit"),
        pytest.param(Strategy.NOPAUSE, 3, 2, True, id="nopause: below the maximum"),
        pytest.param(Strategy.NOPAUSE, 3, 3, False, id="nopause: at the maximum"),
        pytest.param(Strategy.NOPAUSE, 3, 7, False, id="nopause: above a maximum that was lowered"),
        pytest.param(Strategy.INCALL, 3, 2, True, id="incall is nopause: below"),
        pytest.param(Strategy.INCALL, 3, 3, False, id="incall is nopause: at it"),
        pytest.param(Strategy.NOCALL, 3, 2, True, id="nocall is nopause: below"),
        pytest.param(Strategy.NOCALL, 3, 3, False, id="nocall is nopause: at it"),
    ],
)
def test_room(strategy: str, most: int, held: int, wanted: bool) -> None:
    assert has_room(strategy, most, held) is wanted


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        (Strategy.INTERACTION, True),
        (Strategy.RINGALL, False),
        (Strategy.RINGALLMULTIPLE, False),
        (Strategy.NOPAUSE, True),
        (Strategy.INCALL, True),
        (Strategy.NOCALL, True),
    ],
)
def test_who_chooses(strategy: str, wanted: bool) -> None:
    assert is_given(strategy) is wanted


@pytest.mark.parametrize(("penalty", "wanted"), [(0, 101), (1, 100), (50, 51), (100, 1), (250, 1)])
def test_a_penalty_takes_its_percentage_away_and_leaves_something(penalty: int, wanted: int) -> None:
    assert weight(penalty) == wanted


def agent(agent_id: int, penalty: int = 0, **fields: object) -> Candidate:
    return Candidate(agent_id=agent_id, penalty=penalty, **fields)  # type: ignore[arg-type]  # a test's shorthand


LAP = stride(0)


@pytest.mark.parametrize(
    ("distribution", "candidates", "wanted"),
    [
        pytest.param(RRMEMORY, [], None, id="nobody"),
        pytest.param(RRMEMORY, [agent(1)], 1, id="the only one"),
        pytest.param(RRMEMORY, [agent(1, 5), agent(2, 1)], 2, id="rrmemory: of new ones the lowest penalty"),
        pytest.param(RRMEMORY, [agent(2), agent(1)], 1, id="rrmemory: alike, a fixed order"),
        pytest.param(
            RRMEMORY,
            [agent(1, turn=9 * LAP, last=NOW), agent(2, turn=8 * LAP, last=HOUR_AGO)],
            2,
            id="rrmemory: in turn",
        ),
        pytest.param(
            RRMEMORY,
            [agent(1, turn=LAP, last=NOW), agent(2, turn=LAP, last=HOUR_AGO)],
            2,
            id="rrmemory: alike, whose last one is longest ago",
        ),
        pytest.param(
            RRMEMORY,
            [agent(1, turn=8 * LAP, last=HOUR_AGO), agent(2)],
            2,
            id="rrmemory: a new member comes next",
        ),
        pytest.param(
            RRMEMORY,
            [agent(1, open=9, turn=8 * LAP, last=HOUR_AGO), agent(2, turn=9 * LAP, last=NOW)],
            1,
            id="rrmemory: the turn, not the load",
        ),
        pytest.param(
            RRMEMORY,
            [agent(1, 0, turn=9 * LAP, last=NOW), agent(2, 50, turn=7 * LAP, last=HOUR_AGO)],
            2,
            id="rrmemory: a higher penalty gets its turn",
        ),
        pytest.param(
            RRMEMORY,
            [agent(1, 0, turn=8 * LAP, last=NOW), agent(2, 50, turn=8 * LAP, last=HOUR_AGO)],
            1,
            id="rrmemory: a lower penalty is in turn sooner",
        ),
        pytest.param(LEASTACTIVE, [agent(1, open=2), agent(2, open=1)], 2, id="leastactive: the fewest open"),
        pytest.param(
            LEASTACTIVE, [agent(1, 0, open=3), agent(2, 50, open=2)], 1, id="leastactive: for their weight"
        ),
        pytest.param(
            LEASTACTIVE,
            [agent(1, 0, open=1), agent(2, 100, open=0)],
            2,
            id="leastactive: nothing open comes first, whatever the penalty",
        ),
        pytest.param(
            LEASTACTIVE,
            [agent(1, turn=9 * LAP, last=NOW), agent(2, turn=8 * LAP, last=HOUR_AGO), agent(3, open=1)],
            2,
            id="leastactive: alike, in turn",
        ),
        pytest.param(WRANDOM, [agent(7, 100)], 7, id="wrandom: the only one"),
        pytest.param(WRANDOM, [], None, id="wrandom: nobody"),
    ],
)
def test_the_choice(distribution: str, candidates: list[Candidate], wanted: int | None) -> None:
    clock = max((one.turn for one in candidates), default=0)
    chosen = Order(distribution, clock, Random(1)).choose(candidates)
    assert (chosen.agent_id if chosen else None) == wanted


moments = count()


def given(order: Order, candidates: Sequence[Candidate], how_many: int) -> list[int]:
    """Who gets so many, one after the other, each closed at once."""
    got = []
    for _ in range(how_many):
        chosen = order.choose(candidates)
        assert chosen is not None
        order.give(chosen, NOW + timedelta(seconds=next(moments)))
        chosen.open -= 1
        got.append(chosen.agent_id)
    return got


def test_the_turn_goes_round() -> None:
    assert given(Order(RRMEMORY, 0, Random(1)), [agent(n) for n in (1, 2, 3)], 7) == [1, 2, 3, 1, 2, 3, 1]


def test_half_the_weight_is_half_as_many_never_two_together() -> None:
    got = given(Order(RRMEMORY, 0, Random(1)), [agent(1, 0), agent(2, 50)], weight(0) + weight(50))
    assert Counter(got) == {1: weight(0), 2: weight(50)}
    assert (2, 2) not in pairwise(got)


def test_who_comes_back_after_hours_catches_up_on_nothing() -> None:
    order, away, others = Order(RRMEMORY, 0, Random(1)), agent(1), [agent(2), agent(3)]
    given(order, others, 1000)
    assert given(order, [away, *others], 6) == [1, 2, 3, 1, 2, 3]


def test_a_returning_customer_costs_the_agent_one_turn_at_most() -> None:
    order, everybody = Order(RRMEMORY, 0, Random(1)), [agent(n) for n in (1, 2, 3)]
    given(order, everybody, 30)
    for _ in range(50):
        order.give(everybody[0], NOW, in_turn=False)
    assert Counter(given(order, everybody, 30))[1] >= 9


def customers(everybody: list[Candidate], seed: int, load: float) -> Iterator[list[Candidate]]:
    """A day in steps, in which every step one customer comes: yields those who have room, one may hold eight.

    Interactions last 20 steps on average times the load; so many are open on average.
    """
    random = Random(seed)
    ends: list[tuple[int, Candidate]] = []
    held = {one.agent_id: 0 for one in everybody}
    for step in range(20_000):
        for end, one in [part for part in ends if part[0] <= step]:
            one.open -= 1
            ends.remove((end, one))
        held = {one.agent_id: one.open for one in everybody}
        yield [one for one in everybody if has_room(Strategy.NOPAUSE, 8, one.open)]
        for one in everybody:
            if one.open > held[one.agent_id]:
                ends.append((step + 1 + round(random.expovariate(1 / (20 * load))), one))


def shares(distribution: str, load: float, seed: int = 7) -> dict[int, float]:
    """Part of a day's interactions that went to each penalty: 0 and 50, two agents each, and 100."""
    everybody = [agent(n, penalty) for n, penalty in enumerate((0, 0, 50, 50, 100))]
    order = Order(distribution, 0, Random(seed))
    got: Counter[int] = Counter()
    for free in customers(everybody, seed, load):
        chosen = order.choose(free)
        if chosen is not None:
            order.give(chosen, NOW)
            got[chosen.penalty] += 1
    return {penalty: n / got.total() for penalty, n in sorted(got.items())}


@pytest.mark.parametrize("distribution", Distribution.values)
@pytest.mark.parametrize("load", [0.01, 0.3, 0.8], ids=["a quiet day", "an ordinary day", "a busy day"])
def test_shares_follow_the_penalties_and_nobody_starves(distribution: str, load: float) -> None:
    part = shares(distribution, load)
    assert list(part) == [0, 50, 100]
    assert all(lower > higher for lower, higher in pairwise(part.values()))


@pytest.mark.parametrize("distribution", Distribution.values)
def test_on_a_quiet_day_the_shares_are_those_of_the_weights(distribution: str) -> None:
    part = shares(distribution, 0.01)
    whole = 2 * weight(0) + 2 * weight(50) + weight(100)
    expected = {0: 2 * weight(0) / whole, 50: 2 * weight(50) / whole, 100: weight(100) / whole}
    assert part == pytest.approx(expected, abs=0.01)


def test_least_active_keeps_the_loads_alike() -> None:
    everybody = [agent(n) for n in range(5)]
    order = Order(LEASTACTIVE, 0, Random(3))
    for free in customers(everybody, 3, 1):
        least = min(one.open for one in everybody)
        if chosen := order.choose(free):
            assert chosen.open == least
            order.give(chosen, NOW)


def test_the_same_seed_chooses_the_same() -> None:
    def chosen() -> list[int]:
        return given(Order(WRANDOM, 0, Random(42)), [agent(1), agent(2, 30), agent(3, 60)], 50)

    assert chosen() == chosen()
