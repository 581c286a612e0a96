"""manage.py demo: loads the guide's scenario and prints the logins."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.acting import by_command
from providers.config import callback_urls
from providers.models import Provider
from ucontact_wavy.demo import NUMBER, is_empty, load_demo


class Command(BaseCommand):
    help = "Loads the guide's scenario (people, provider, templates, campaign, dialer); twice is harmless."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="only into an empty database")
        parser.add_argument(
            "--callback-urls",
            action="store_true",
            help="load nothing; print the demo provider's callback URLs as JSON",
        )

    @by_command("demo")
    def handle(self, *args: Any, **options: Any) -> None:
        if options["callback_urls"]:
            provider = Provider.objects.filter(number=NUMBER).first()
            urls = callback_urls(provider) if provider else None
            self.stdout.write(json.dumps({"message": urls.message, "status": urls.status} if urls else {}))
            return
        if options["if_empty"] and not is_empty():
            return
        self.stdout.write("Logins (user name, password, role):")
        for login in load_demo():
            self.stdout.write(f"  {login.username:<12}{login.password:<14}{login.role}")
