"""`manage.py drf_create_token USER [--reset]`: the framework's command, with an entry of who did what."""

from django.db import transaction
from rest_framework.authtoken.management.commands import drf_create_token
from rest_framework.authtoken.models import Token

from accounts import people
from accounts.models import User


class Command(drf_create_token.Command):
    """Prints `Generated token … for user …`."""

    @transaction.atomic
    def create_user_token(self, username: str, reset_token: bool) -> Token:
        person = User.objects.get(username=username)
        if reset_token:
            people.revoke_token(person)
        return people.give_token(person)
