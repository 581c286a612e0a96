"""A loader that is killed half-way leaves nothing of the base, and the base is loaded anew."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction

from dialers import tasks
from dialers.loading import being_loaded
from dialers.models import Base, BaseState, Dialer, InvalidLine, Row
from tests.dialers.files import check_tally, hsm_lines, uploaded
from ucontact_wavy.boot import BASE_DIR

ROWS = 3000
LOADER = """
import sys
import django
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
django.setup()
from dialers.loading import load
load(int(sys.argv[1]))
"""
STANDS_STILL = """SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted AND pid IN (
    SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = current_database())"""


def until(holds: Callable[[], bool]) -> None:
    """Returns when it does; half a minute at most."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline


def stands_still() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(STANDS_STILL)
        return bool(cursor.fetchone()[0])


def kill_half_way(base: Base, media: Path) -> None:
    """Kills a loader that has copied the rows and waits to report a line: it meets one that is being written."""
    url = re.sub(r"/run\d+\?", f"/{connection.settings_dict['NAME']}?", os.environ["DATABASE_URL"])
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ucontact_wavy.settings", "DATABASE_URL": url}
    with transaction.atomic():
        InvalidLine.objects.create(base=base, line=ROWS + 1, code="x", reason="x", text="x")
        command = [sys.executable, "-c", LOADER, str(base.pk), str(media)]
        with subprocess.Popen(command, cwd=BASE_DIR, env=environment) as process:
            try:
                until(stands_still)
            finally:
                process.kill()
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_a_killed_loader_leaves_neither_half_a_base_nor_a_stuck_one(
    dialer: Dialer, uploads: Path, eager: None
) -> None:
    base = uploaded(dialer, [*hsm_lines(ROWS), "nonsense"])
    kill_half_way(base, uploads)
    until(lambda: not being_loaded(base.pk))
    base.refresh_from_db()
    assert (base.state, base.lines) == (BaseState.LOADING, 0)
    assert (Row.objects.count(), InvalidLine.objects.count()) == (0, 0)

    tasks.tick()
    assert check_tally(base)["pending"] == ROWS
    assert (base.state, base.lines, base.invalid) == (BaseState.READY, ROWS + 1, 1)
