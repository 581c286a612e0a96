"""How fast a base is loaded, in how much memory, beside a bare COPY of the same rows into the same table."""

import json
import subprocess
import sys
from collections.abc import Iterator

from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage
from tools.installation import InstallationError
from ucontact_wavy.boot import BASE_DIR

ROWS = 1_000_000
FEW = 100_000
LINES_PER_SECOND = 50_000
RATIO = 0.6
PEAK_MB = 250
PEAK_GROWTH = 1.1


def run(stage: Stage) -> Iterator[Figure]:
    """The loading alone, in a process of its own like a worker's; upload and web are not counted."""
    rows = stage.rows(ROWS)
    few = _told(stage, "load", str(min(FEW, rows)))
    many = _told(stage, "load", str(rows))
    bare = _told(stage, "bare")
    yield Figure(
        "import_base",
        rows / many["seconds"],
        "lines/s",
        baseline=rows / bare["seconds"],
        must=(
            *at_least(value=LINES_PER_SECOND, ratio=RATIO),
            *at_most(peak_mb=min(PEAK_MB, PEAK_GROWTH * few["peak_mb"])),
        ),
        more={
            "rows": rows,
            "peak_mb": round(many["peak_mb"], 1),
            "peak_mb_100k": round(few["peak_mb"], 1),
            "cpu_us_per_line": round(many["cpu"] / rows * 1e6, 2),
            "database_cpu_us_per_line": round(many["database_cpu"] / rows * 1e6, 2),
            "bare_database_cpu_us_per_line": round(bare["database_cpu"] / rows * 1e6, 2),
        },
    )


def _told(stage: Stage, *words: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.import_load", *words, str(stage.folder)],
        cwd=BASE_DIR,
        env=stage.installation.whole_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InstallationError(done.stderr)
    told: dict[str, float] = json.loads(done.stdout)
    return told
