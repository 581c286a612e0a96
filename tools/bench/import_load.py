"""One loading in a process of its own, as a worker does it; or the bare COPY of the same rows. Prints JSON.

Started as `python -m tools.bench.import_load load ROWS FOLDER` or `… bare FOLDER` on a bench's installation.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psutil
from django.apps import apps
from django.core.files import File
from django.db import connection, transaction

FIRST_NUMBER = 5511900000000
LINE = "WavyDialer;{number};hsm:chatclub_open_session_v2:Integra:Operation {n};9999\n"
COLUMNS = "base_id, line, contact, address, priority, kind, content, state, extra"
CHUNK = 1 << 20  # bytes


def write_file(path: Path, rows: int) -> None:
    """A base as the guide has it, each line with a number and a parameter of its own."""
    with path.open("w") as file:
        file.writelines(LINE.format(number=FIRST_NUMBER + n, n=n) for n in range(rows))


def peak_mb() -> float:
    """The most memory that this process ever had, in MiB; not its parent's, as getrusage would have it."""
    with Path("/proc/self/status").open() as status:
        kibi = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    return int(kibi) / 1024


def timed(act: Callable[[], None]) -> dict[str, float]:
    """Seconds of the clock, of this process's CPU and of its database connection's."""
    connection.ensure_connection()
    backend = psutil.Process(connection.connection.info.backend_pid)
    before, own, began = sum(backend.cpu_times()[:2]), time.process_time(), time.perf_counter()
    act()
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - own,
        "database_cpu": sum(backend.cpu_times()[:2]) - before,
    }


def model(name: str) -> Any:
    return apps.get_model("dialers", name)


def base_of(dialer: Any, path: Path) -> Any:
    """A base whose file is stored but which nobody else sees yet."""
    base = model("Base")(dialer=dialer, name=path.name)
    with path.open("rb") as file:
        base.file.save("base.csv", File(file), save=False)
    return base


def load(rows: int, folder: Path) -> dict[str, float]:
    """Loads `rows` lines; the rows are left in `folder`/rows.tsv for the bare COPY, and out of the table."""
    load_base = import_module("dialers.loading").load  # Django is set up by then
    path = folder / f"{rows}.csv"
    write_file(path, rows)
    dialer = model("Dialer").objects.get(name="WavyDialer")
    base = base_of(dialer, path)

    def whole() -> None:
        # One transaction around it all, so that no worker of the installation sees the base and loads it too.
        with transaction.atomic():
            base.save()
            load_base(base.pk)

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    told = timed(whole)
    base.refresh_from_db()
    if base.valid != rows:
        raise RuntimeError(f"{base.valid} of {rows} lines are valid: {base.reason}")
    told["peak_mb"] = peak_mb()
    export(folder / "rows.tsv", base.pk)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dialers_row")
    base.file.delete(save=False)
    return told


def export(path: Path, base_id: int) -> None:
    """The rows as COPY takes them."""
    statement = f"COPY (SELECT {COLUMNS} FROM dialers_row WHERE base_id = {base_id} ORDER BY line) TO STDOUT"  # noqa: S608
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        file.writelines(copy)


def bare(folder: Path) -> dict[str, float]:
    """Nothing but COPY: what the loading's speed is compared with."""

    def whole() -> None:
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY dialers_row ({COLUMNS}) FROM STDIN") as copy,
            (folder / "rows.tsv").open("rb") as file,
        ):
            while data := file.read(CHUNK):
                copy.write(data)

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    told = timed(whole)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dialers_row")
    return told


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ucontact_wavy.settings")
    django.setup()
    act, *rest = sys.argv[1:]
    told = load(int(rest[0]), Path(rest[1])) if act == "load" else bare(Path(rest[0]))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
