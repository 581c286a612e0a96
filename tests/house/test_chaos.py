"""Faults, kills and operators all at once: whatever happens, nobody is written to twice and nobody is forgotten."""

from pathlib import Path

from tools.chaos.plan import plan_of
from tools.chaos.run import run

ROWS = 2_000
SEED = 3


def test_nothing_is_sent_twice_or_lost_while_everything_is_killed(tmp_path: Path) -> None:
    verdict = run(plan_of(ROWS, SEED), tmp_path)
    assert [claim for claim in verdict.claims if not claim.holds] == []
    assert {one.kind for one in verdict.strikes} >= {"workers", "web", "redis", "postgres", "everything"}
