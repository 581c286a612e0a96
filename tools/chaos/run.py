"""One whole run: bases are sent while everything goes wrong; then the faults stop and the claims are examined."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.chaos.acts import Operator
from tools.chaos.evidence import Evidence, gather
from tools.chaos.plan import DIALERS, Act, Piece, Plan
from tools.chaos.proof import Claim, Witness, claims
from tools.chaos.strikes import Struck, strike
from tools.chaos.watch import Watch
from tools.installation import Installation
from tools.waiting import TooLateError, eventually
from tools.wavy import Wavy

LEASE_SECONDS = 20
STALL_SECONDS = 90.0
END_SECONDS = 300.0
RETRY_AFTER = 1  # seconds
ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ended."""

    plan: Plan
    strikes: list[Struck]
    acts: list[str]
    evidence: Evidence
    claims: list[Claim]
    seconds: float

    @property
    def held(self) -> bool:
        return all(claim.holds for claim in self.claims)

    def told(self) -> dict[str, Any]:
        """The proof as a table; what failed is among the claims that do not hold."""
        counts = self.evidence.counts
        states: Counter[str] = Counter()
        for base in self.evidence.bases:
            states.update({key: n for key, n in base["tally"].items() if n})
        return {
            "rows": self.plan.rows,
            "seed": self.plan.seed,
            "seconds": round(self.seconds, 1),
            "strikes": [one.told() for one in self.strikes],
            "acts": self.acts,
            "wavy": {name: counts[name] for name in ("accepted", "answers", "hidden", "callbacks")},
            "states": dict(states),
            "claims": [claim.told() for claim in self.claims],
            "held": self.held,
        }


BEGUN = time.monotonic()


def say(text: str) -> None:
    """A line for whoever watches, with the seconds since the start."""
    sys.stderr.write(f"{time.monotonic() - BEGUN:6.1f} s  {text}\n")
    sys.stderr.flush()


@contextmanager
def _installation(folder: Path, plan: Plan) -> Iterator[tuple[Installation, Wavy]]:
    wavy = Wavy(SIMULATOR_KEEP="1000000", SIMULATOR_SEED=str(plan.seed))
    installation = Installation(
        folder / "var", wavy, LOG_LEVEL="WARNING", SUBMITTING_LEASE_SECONDS=str(LEASE_SECONDS)
    )
    try:
        installation.start()
        yield installation, wavy
    finally:
        installation.stop()
        wavy.stop()


def run(plan: Plan, folder: Path) -> Verdict:
    """Does it all in `folder`, which may be thrown away afterwards. Raises TooLateError where nothing moves on."""
    begun = time.monotonic()
    with _installation(folder, plan) as (installation, wavy):
        say("the installation is ready")
        bases = _prepare(installation, wavy, plan)
        say("the bases run")
        operator = Operator(installation, plan, bases)
        watch = Watch(installation, bases)
        watch.sign_in()
        watch.start()
        strikes = _endure(installation, wavy, plan, operator)
        _calm(installation, wavy, operator)
        watch.end()
        dialled = _dial(installation, folder)
        shown = [installation.get(f"bases/{base}/") for base in bases]
        with installation.database() as database:
            evidence = gather(database, wavy, shown)
    witness = Witness(
        tuple(strikes),
        frozenset(operator.sent_again),
        frozenset(operator.cancelled),
        tuple(watch.wrong),
        watch.looks,
        watch.longest_outage,
        dialled,
    )
    seconds = time.monotonic() - begun
    return Verdict(plan, strikes, operator.done, evidence, claims(evidence, witness), seconds)


def _prepare(installation: Installation, wavy: Wavy, plan: Plan) -> list[int]:
    """Two dialers of one provider, all bases loaded and none started; the first faults are on."""
    (provider,) = installation.get("providers/?name=Wavy")["results"]
    installation.done("PATCH", f"providers/{provider['id']}/", json={"messages_per_second": plan.pace})
    patience = {"attempts": ATTEMPTS, "retry_after": RETRY_AFTER}
    (known,) = installation.get(f"dialers/?name={DIALERS[0]}")["results"]
    installation.done("PATCH", f"dialers/{known['id']}/", json=patience)
    copied = {name: known[name] for name in ("provider", "campaign", "schedule", "time_zone")}
    installation.done("POST", "dialers/", json={**copied, **patience, "name": DIALERS[1], "enabled": True})
    installation.token("operator")
    installation.connect(wavy)
    bases = [installation.upload(piece.lines(), piece.dialer, seconds=300) for piece in plan.pieces]
    wavy.switch(**plan.faults[0])
    for base in bases:
        installation.done("POST", f"bases/{base}/start/", "operator")
    return bases


def _endure(installation: Installation, wavy: Wavy, plan: Plan, operator: Operator) -> list[Struck]:
    """Kills and acts in the plan's order, each as soon as so many rows were taken."""
    struck: list[Struck] = []
    for step in plan.timeline:
        taken = _until_taken(wavy, round(step.at * plan.rows))
        if isinstance(step, Act):
            say(f"{taken} taken: {operator.act(step)}")
            continue
        struck.append(strike(installation, wavy, step, taken))
        say(f"{taken} taken: {struck[-1].told()}")
        wavy.switch(**plan.faults[len(struck)])
    return struck


def _until_taken(wavy: Wavy, count: int) -> int:
    moved, seen = time.monotonic(), -1
    while (taken := int(wavy.totals()["accepted"])) < count:
        if taken != seen:
            moved, seen = time.monotonic(), taken
        if time.monotonic() - moved > STALL_SECONDS:
            raise TooLateError(f"{taken} of {count} taken, and nothing more for {STALL_SECONDS} s")
        time.sleep(0.05)
    return taken


def _calm(installation: Installation, wavy: Wavy, operator: Operator) -> None:
    """No more faults: everything must come to its end; a few unconfirmed ones are sent again and must too."""
    wavy.tell("DELETE", "/control/faults")
    say("faults off")
    _until_ended(installation, operator.bases)
    operator.decide("send-again", operator.sent_again)
    _until_ended(installation, operator.bases)
    wavy.tell("POST", "/control/callbacks/flush")
    say("every base came to its end")
    eventually(lambda: wavy.totals()["callbacks"]["pending"] == 0, 90, "Wavy's callbacks are all answered")
    with installation.database() as database:
        waiting = "SELECT count(*) = 0 FROM providers_callback WHERE state = 0"
        eventually(
            lambda: (database.execute(waiting).fetchone() or (False,))[0], 90, "the callbacks are applied"
        )


def _dial(installation: Installation, folder: Path) -> int:
    """The exit code of `manage.py dial` with a small base, after all that."""
    path = folder / "after.csv"
    path.write_text("\n".join(Piece("after", DIALERS[1], alike=False, first=5_000_000, rows=3).valid_lines()))
    done = installation.manage("dial", DIALERS[1], str(path), "--settle", "0")
    if done.returncode:
        say(f"dial: {done.stdout}{done.stderr[-2000:]}")
    return done.returncode


def _until_ended(installation: Installation, bases: list[int]) -> None:
    def ended() -> bool:
        return all(_has_ended(installation.get(f"bases/{base}/")) for base in bases)

    eventually(ended, END_SECONDS, "every base comes to its end", every=0.5)


def _has_ended(base: dict[str, Any]) -> bool:
    return base["state"] in ("finished", "cancelled") and not base["tally"]["submitting"]
