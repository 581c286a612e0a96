"""manage.py replay_callbacks: applies stored callbacks once more, which is harmless where they were."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from providers.callbacks.drain import replay_stored
from providers.errors import Refusal
from providers.models import Callback, QuarantinedItem
from providers.models.callback import CallbackState


def when(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is UTC."""
    try:
        at = parse_datetime(text) or datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no time. Write it as 2026-05-31T08:00.") from error
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Command(BaseCommand):
    help = "Applies stored callbacks once more; harmless for those that were applied."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", help="only those received at this time (ISO 8601) or later")
        parser.add_argument(
            "--failed", action="store_true", help="only those that were set aside, whole or in part"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        callbacks = Callback.objects.order_by("id")
        if options["since"]:
            callbacks = callbacks.filter(received_at__gte=when(options["since"]))
        if options["failed"]:
            in_part = Exists(QuarantinedItem.objects.filter(callback=OuterRef("pk")))
            callbacks = callbacks.filter(Q(state=CallbackState.FAILED) | in_part)
        try:
            done, failed = replay_stored(callbacks, timezone.now)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{done} callbacks applied again, {failed} could not be.")
