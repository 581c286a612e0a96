"""manage.py dial: uploads a base, starts it, waits for its end and prints the tally."""

import json
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.acting import by_command
from dialers import bases
from dialers.loading import being_loaded
from dialers.models import Base, BaseState, Dialer
from dialers.progress import UNPROCESSED, progress, waiting_for
from providers import tally
from providers.errors import Refusal

POLL = 0.3  # seconds
HINT_AFTER = 3  # seconds without a worker after which it says what it waits for
LOADER_PATIENCE = 60  # seconds without a worker that loads the base; a large one takes longer than that
QUIET = 3  # seconds without a change after which nothing more is expected
BAR = 40  # characters
# What a callback may still move; of these only the first three surely wait for one.
UNSETTLED = ("accepted", "uncertain", "sent", "delivered")


class Command(BaseCommand):
    help = "Uploads FILE as a base of DIALER, starts it, follows it to its end and prints the tally as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("dialer", help="the dialer's name")
        parser.add_argument("file", type=Path, help="the base: dialer;destination;message;priority")
        parser.add_argument(
            "--settle", type=float, default=30, help="seconds to wait for callbacks at the end"
        )

    @by_command("dial")
    def handle(self, *args: Any, **options: Any) -> None:
        base = self.upload(options["dialer"], options["file"])
        self.wait_for_loader(base)
        try:
            bases.start(base, None, timezone.now())
        except Refusal as why:
            raise CommandError(str(why)) from why
        self.wait_for_end(base)
        counts = self.settle(base, options["settle"])
        self.report(base, counts)
        if counts["uncertain"] or any(counts[key] for key in UNPROCESSED):
            sys.exit(1)

    def upload(self, name: str, path: Path) -> Base:
        dialer = Dialer.objects.select_related("provider").filter(name=name).first()
        if dialer is None:
            known = ", ".join(Dialer.objects.values_list("name", flat=True)) or "none yet"
            raise CommandError(f"There is no dialer “{name}”. There are: {known}.")
        try:
            with path.open("rb") as file:
                return bases.upload(dialer, File(file, name=path.name), None)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        except Refusal as why:
            raise CommandError(str(why)) from why

    def wait_for_loader(self, base: Base) -> None:
        hint = time.monotonic() + HINT_AFTER
        deadline = time.monotonic() + LOADER_PATIENCE
        while base.state == BaseState.LOADING:
            if time.monotonic() > hint:
                hint = float("inf")
                if not being_loaded(base.pk):
                    self.stderr.write("Waiting for a worker to load the base. Is `make run` running?")
            if time.monotonic() > deadline:
                if not being_loaded(base.pk):
                    raise CommandError("No worker has loaded the base. Is `make run` (or a worker) running?")
                deadline = time.monotonic() + LOADER_PATIENCE
            time.sleep(POLL)
            base.refresh_from_db()
        if base.state == BaseState.FAILED:
            self.report(base, tally.read([base.pk])[base.pk])
            for bad in base.invalid_lines.order_by("line")[:10]:
                self.stderr.write(f"line {bad.line}: {bad.reason}")
            raise CommandError(base.reason)

    def wait_for_end(self, base: Base) -> None:
        while True:
            now = timezone.now()
            base = Base.objects.select_related("dialer__provider").get(pk=base.pk)
            state = progress(base, now)
            why = waiting_for(base, now) or ("" if base.state == BaseState.RUNNING else base.state)
            self.bar(state.done_percent, state.total - state.unprocessed, state.total, why)
            if not state.unprocessed and base.state != BaseState.RUNNING:
                self.stderr.write("")
                return
            time.sleep(POLL)

    def bar(self, percent: float, done: int, total: int, why: str) -> None:
        filled = int(BAR * percent / 100)
        text = f"{'█' * filled}{'░' * (BAR - filled)} {done:,} of {total:,} {why}"
        self.stderr.write(f"\r{text:<90}", ending="")
        self.stderr.flush()

    def settle(self, base: Base, seconds: float) -> dict[str, int]:
        deadline = changed = time.monotonic()
        deadline += seconds
        counts = tally.read([base.pk])[base.pk]
        while time.monotonic() < deadline:
            if not any(counts[key] for key in UNSETTLED):
                break
            if not any(counts[key] for key in UNSETTLED[:3]) and time.monotonic() - changed > QUIET:
                break
            time.sleep(POLL)
            latest = tally.read([base.pk])[base.pk]
            if latest != counts:
                counts, changed = latest, time.monotonic()
        return counts

    def report(self, base: Base, counts: dict[str, int]) -> None:
        base.refresh_from_db()
        self.stdout.write(
            json.dumps(
                {
                    "id": base.pk,
                    "dialer": base.dialer_id,
                    "name": base.name,
                    "state": base.state,
                    "lines": base.lines,
                    "valid": base.valid,
                    "invalid": base.invalid,
                    "tally": counts,
                }
            )
        )
