"""Runs the plain comparison on a bench's installation: its own worker of two processes, its own queue."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tools.bench.stage import FIRST_NUMBER, Stage
from tools.installation import InstallationError
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.run.plan import ONCE, QUIET_ROOT, QUIET_WORKER

CONCURRENCY = 2


def rate(stage: Stage, rows: int) -> float:
    """Messages a second from the first request to the last, by the simulator's clock."""
    with _worker(stage):
        _publish(stage, CONCURRENCY * 4)
        stage.until_taken(CONCURRENCY * 4)
        stage.forget()
        _publish(stage, rows)
        span = stage.until_taken(rows)
        stage.forget()
    return span.per_second


def _publish(stage: Stage, rows: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.plain", str(FIRST_NUMBER), str(rows)],
        cwd=BASE_DIR,
        env=stage.installation.whole_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr)


@contextmanager
def _worker(stage: Stage) -> Iterator[None]:
    celery = (sys.executable, *QUIET_ROOT, "-m", "celery", "--app", "tools.bench.plain:app", *ONCE)
    options = ("-Q", "plain", "-c", str(CONCURRENCY), "-n", "plain@%h", "-l", "WARNING", *QUIET_WORKER)
    with (stage.folder / "plain.log").open("wb") as log:
        process = subprocess.Popen(
            [*celery, "worker", *options],
            cwd=BASE_DIR,
            env=stage.installation.whole_environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
