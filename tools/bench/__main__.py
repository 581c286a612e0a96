"""`python -m tools.bench [NAME …]`: prints one JSON object a figure; exits 1 when one misses what it must reach."""

import argparse
import os
import signal
import sys
import time

import requests

from tools.bench.catalogue import BENCHES, find
from tools.bench.stage import stage
from tools.installation import InstallationError
from tools.waiting import TooLateError


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def bench(name: str, scale: float) -> bool:
    """Runs one; whether it came to its end and reached what it must."""
    run = find(name)
    if run is None:
        say(f"{name}: its module is not there.")
        return False
    begun, reached = time.monotonic(), True
    try:
        with stage(scale) as its:
            for figure in run(its):
                sys.stdout.write(f"{figure.line()}\n")
                sys.stdout.flush()
                reached = reached and not figure.told()["missed"]
    except (InstallationError, TooLateError, requests.RequestException) as error:
        say(f"{name}: {error}")
        return False
    say(f"{name}: {time.monotonic() - begun:.0f} s{'' if reached else ', MISSED'}")
    return reached


def main() -> int:
    # Whatever was started must be stopped, also when this is told to end.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--scale", type=float, default=float(os.environ.get("BENCH_SCALE") or 1))
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    results = [bench(name, options.scale) for name in options.names or BENCHES]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
