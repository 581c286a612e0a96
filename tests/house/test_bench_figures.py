"""What `make bench` prints for a figure, and when it calls one missed."""

import json

import pytest

from tools.bench.catalogue import BENCHES
from tools.bench.figures import Bound, Figure, at_least, at_most


def test_a_figure_is_one_line_of_json_with_its_ratio() -> None:
    line = Figure("dispatch_distinct", 2_500.04, "messages/s", 4_000, at_least(ratio=0.5)).line()
    assert "\n" not in line
    assert json.loads(line) == {
        "bench": "dispatch_distinct",
        "value": 2500.0,
        "unit": "messages/s",
        "baseline": 4000,
        "ratio": 0.625,
        "must": ["ratio >= 0.5"],
        "missed": [],
    }


@pytest.mark.parametrize(
    ("must", "missed"),
    [
        (at_least(value=100), []),
        (at_least(value=100.1), ["value >= 100.1"]),
        (at_most(value=100), []),
        (at_most(value=99), ["value <= 99"]),
        (at_least(times_plain=15), ["times_plain >= 15"]),
        ((*at_least(value=1), *at_most(times_plain=1)), ["times_plain <= 1"]),
    ],
    ids=["just enough", "too little", "just not too much", "too much", "something beside it", "one of two"],
)
def test_what_it_must_reach_is_compared_with_what_is_printed(
    must: tuple[Bound, ...], missed: list[str]
) -> None:
    assert Figure("x", 100, "s", must=must, more={"times_plain": 14.2}).told()["missed"] == missed


def test_every_bench_of_the_figures_table_is_there() -> None:
    wanted = {
        "import_base",
        "dispatch_distinct",
        "dispatch_distinct_100ms",
        "full_loop",
        "dispatch_same",
        "pace",
        "funnel",
        "desk_page",
        "callback_intake",
        "callback_latency",
        "callback_apply",
        "callback_large",
        "admin_lists",
        "desk_live",
        "assign",
    }
    assert BENCHES.keys() == wanted
