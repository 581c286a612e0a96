"""manage.py rotate_field_keys: encrypts every stored secret anew with the first of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from providers.rotation import encrypted_fields, rotate


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret anew with the first of FIELD_KEYS, in small batches, while everything runs. "
        "Afterwards the older keys may be dropped. Twice is harmless."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        changed = already = 0
        lost: list[str] = []
        for one in encrypted_fields():
            done = rotate(one)
            changed, already = changed + done.changed, already + done.already
            name = f"{one.model._meta.label}.{one.name}"
            self.stdout.write(
                f"{name}: {done.changed} encrypted anew, {done.already} with the newest key already"
            )
            lost += [f"{name} of id {key}" for key in done.lost]
        if lost:
            raise CommandError(
                "None of FIELD_KEYS opens "
                + ", ".join(lost)
                + ". Put the key they were encrypted with back into "
                "FIELD_KEYS and run this again, or enter those secrets anew."
            )
        self.stdout.write(
            self.style.SUCCESS(
                f"{changed} encrypted anew, {already} already were: the older keys may be dropped."
            )
        )
