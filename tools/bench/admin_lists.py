"""How fast each list of the admin opens, is searched and filtered, and saves a row, with 100,000 rows in each table."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tools.bench.figures import Figure, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from ucontact_wavy.boot import BASE_DIR

ROWS = 100_000
LIMIT = 500.0  # milliseconds
MOST_QUERIES = 60  # of a page, however many rows there are
PATIENCE_SECONDS = 900


def run(stage: Stage) -> Iterator[Figure]:
    """A figure for each list: its slowest page. Nothing else runs meanwhile."""
    stage.installation.stop()  # its workers would send what the tables are filled with
    for found in looked(stage, f"main({stage.rows(ROWS)})"):
        yield Figure(
            "admin_lists",
            found.pop("worst"),
            "ms",
            LIMIT,
            at_most(value=LIMIT, queries=MOST_QUERIES, refused=0),
            {**found, "refused": len(found["refused"]), "why_refused": found["refused"]},
        )


def looked(stage: Stage, call: str) -> Iterator[dict[str, Any]]:
    """What each list told, read from a program of its own on the installation's database. Raises InstallationError."""
    done = subprocess.run(
        [
            *(sys.executable, "manage.py", "shell", "-v0", "--no-imports", "-c"),
            f"from tools.bench.admin_looks import main; {call}",
        ],
        cwd=BASE_DIR,
        env=stage.installation.environ | {"ALLOWED_HOSTS": "testserver"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr[-4000:])
    for line in done.stdout.splitlines():
        if line.startswith('{"list"'):
            yield json.loads(line)
