"""Letting people in and out: one-time passwords, the end of every sign-in, API tokens."""

import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import F
from rest_framework.authtoken.models import Token

from accounts.acts import Act
from accounts.audit import record
from accounts.models import User
from accounts.roles import Role

LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that look alike: these are read out and typed
GROUP = 4


def one_time_password(length: int = 0) -> str:
    """Groups of four letters and digits, 60 bits or more: `k7mf-q2xp-w9rt`."""
    groups = max(3, -(-max(length, settings.PASSWORD_LENGTH) // (GROUP + 1)))
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(GROUP)) for _group in range(groups))


def give_one_time_password(person: User) -> str:
    """A password that is good for one sign-in, after which another is chosen. Whoever is signed in as them is out."""
    password = one_time_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    return password


def end_access(person: User) -> None:
    """Ends whatever somebody is signed in with: sessions of every browser, and the API token."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(sign_ins_ended=F("sign_ins_ended") + 1)
        person.refresh_from_db(fields=["sign_ins_ended"])
        revoke_token(person)


def give_token(person: User) -> Token:
    """The person's API token, made where there is none yet."""
    with transaction.atomic():
        token, made = Token.objects.get_or_create(user=person)
        if made:
            record(person, Act.TOKEN_MADE)
    return token


def revoke_token(person: User) -> bool:
    """Whether there was one. What uses it is turned away from now on."""
    token = Token.objects.filter(user=person).first()
    if token is None:
        return False
    with transaction.atomic():
        token.delete()
        record(person, Act.TOKEN_REVOKED)
    return True


def open_admin_by_role(person: User) -> None:
    """Lets somebody into the admin, or not, by the role."""
    roles = set(person.groups.values_list("name", flat=True))
    person.is_staff = person.is_superuser or bool(roles & {Role.SUPERVISORS, Role.OPERATORS})
    person.save(update_fields=["is_staff"])
