"""kill -9 of everything in the middle of a base: nothing twice, nothing lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialers.dispatch import IN_FLIGHT, WORKERS
from tools.installation import Installation
from tools.waiting import eventually
from tools.wavy import Wavy

ROWS = 2_000
OPEN = ("pending", "queued", "submitting")


@pytest.fixture
def wavy() -> Iterator[Wavy]:
    imitation = Wavy()
    yield imitation
    imitation.stop()


@pytest.fixture
def installation(tmp_path: Path, wavy: Wavy) -> Iterator[Installation]:
    whole = Installation(tmp_path / "var", wavy, SUBMITTING_LEASE_SECONDS="8")
    whole.start()
    whole.connect(wavy)
    yield whole
    whole.stop()


def row(number: int) -> str:
    return f"WavyDialer;55119{10_000_000 + number};hsm:chatclub_open_session_v2:Integra:Operation {number}"


def test_a_power_cut_in_the_middle_of_a_base_sends_nothing_twice_and_loses_nothing(
    installation: Installation, wavy: Wavy
) -> None:
    wavy.tell("PUT", "/control/faults", latency_ms=150)
    base = installation.upload([row(number) for number in range(ROWS)])
    assert installation.api("POST", f"bases/{base}/start/", "operator").ok

    eventually(
        lambda: wavy.ask("/control/counts?details=0")["accepted"] > ROWS // 5, what="the base is under way"
    )
    installation.kill_everything()
    assert wavy.ask("/control/counts?details=0")["accepted"] < ROWS
    installation.start()

    eventually(
        lambda: installation.get(f"bases/{base}/")["state"] == "finished", 90, "the base goes on by itself"
    )
    end = installation.get(f"bases/{base}/")
    counts = wavy.ask("/control/counts")
    tally = end["tally"]
    assert counts["repeated_destinations"] == {}
    assert sum(n for key, n in tally.items() if key != "replied") == end["valid"] == ROWS
    assert [tally[key] for key in OPEN] == [0, 0, 0]
    assert tally["uncertain"] <= IN_FLIGHT * WORKERS
    # Whoever got nothing is in the list of the unconfirmed, and nowhere else.
    assert ROWS - len(counts["by_destination"]) <= tally["uncertain"]
