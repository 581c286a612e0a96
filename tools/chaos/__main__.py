"""`python -m tools.chaos --rows N --seed N`: prints the proof as JSON; exits 1 with what failed."""

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path

from tools.chaos.plan import plan_of
from tools.chaos.run import run, say
from tools.installation import InstallationError
from tools.waiting import TooLateError

FEWEST = 500


def main() -> int:
    # Whatever was started must be stopped, also when this is told to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000, help="rows of all bases together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder that is kept, logs and database included")
    options = parser.parse_args()
    if options.rows < FEWEST:
        parser.error(f"--rows must be {FEWEST} at least")
    plan = plan_of(options.rows, options.seed)
    with tempfile.TemporaryDirectory(prefix="ucontact-chaos-") as name:
        try:
            verdict = run(plan, options.keep or Path(name))
        except (InstallationError, TooLateError) as error:
            say(f"chaos: {error}")
            return 1
    sys.stdout.write(f"{json.dumps(verdict.told(), ensure_ascii=False, indent=1)}\n")
    for claim in verdict.claims:
        if not claim.holds:
            say(
                f"NOT SO: {claim.words}: {claim.found:g}, allowed {claim.allowed:g}. {' | '.join(claim.examples)}"
            )
    return 0 if verdict.held else 1


if __name__ == "__main__":
    sys.exit(main())
