"""manage.py erase_contact: erases one person's data, whichever way the number is written."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.acting import by_command
from providers.erasing.person import number_of
from providers.erasing.words import WORDS
from providers.errors import Refusal
from providers.models import Erasure, Provider
from providers.numbers import display as readable
from ucontact_wavy import erasing

PATIENCE = 120  # seconds; what is just leaving settles or runs out of its lease sooner
AGAIN = 1.0


class Command(BaseCommand):
    help = "Erases one person's data; counts stay. Says first what goes, and asks unless --yes is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", help="in any spelling, with the country code")
        parser.add_argument("--provider", help="only at the provider of this name")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    @by_command("erase_contact")
    def handle(self, *args: Any, **options: Any) -> None:
        number, provider = self._number(options["number"]), self._provider(options["provider"])
        found = erasing.foresee(erasing.person_of(number, provider))
        self.stdout.write(f"+{number}, {readable(number)}:")
        for what, n in found.items():
            self.stdout.write(f"  {WORDS[what]}: {n}")
        self.stdout.write(
            "And what else holds the number: rows not sent, error reports, files, stored callbacks. Counts stay."
        )
        if not options["yes"] and input("Erase it for good? Type yes: ").strip().lower() != "yes":
            raise CommandError("Nothing was erased.")
        self._erase(erasing.request(number, provider, None, timezone.now()))

    def _number(self, text: str) -> str:
        try:
            return number_of(text)
        except Refusal as refusal:
            raise CommandError(f"“{text}”: {refusal}") from refusal

    def _provider(self, name: str | None) -> Provider | None:
        if not name:
            return None
        provider = Provider.objects.filter(name=name).first()
        if provider is None:
            known = ", ".join(Provider.objects.order_by("name").values_list("name", flat=True))
            raise CommandError(f"No provider is called “{name}”. There are: {known or 'none'}.")
        return provider

    def _erase(self, erasure: Erasure) -> None:
        until = time.monotonic() + PATIENCE
        while not erasing.erase(erasure.pk, timezone.now):
            if time.monotonic() > until:
                raise CommandError(
                    "Something of this person is still leaving, arriving or being loaded. "
                    "A worker goes on with it every minute."
                )
            time.sleep(AGAIN)
        erasure.refresh_from_db()
        counts = ", ".join(f"{WORDS[what]}: {n}" for what, n in erasure.counts.items()) or "nothing was there"
        self.stdout.write(f"Erased ({counts}). Record: erasure {erasure.pk}.")
