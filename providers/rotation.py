"""Brings every encrypted text of the database to the newest key, a small batch at a time, while all goes on."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from providers.fields import EncryptedTextField, cipher

BATCH = 200  # rows a transaction


@dataclass(slots=True)
class Rotated:
    """What became of the texts of one field: brought to the newest key, there already, or with a key that is gone."""

    changed: int = 0
    already: int = 0
    lost: list[int] = field(default_factory=list)


def encrypted_fields() -> Iterator[EncryptedTextField]:
    """Every encrypted field of every model."""
    for model in apps.get_models():
        for one in model._meta.concrete_fields:
            if isinstance(one, EncryptedTextField):
                yield one


def rotate(one: EncryptedTextField) -> Rotated:
    """Reads the stored tokens by primary key; one that somebody changed meanwhile is left to the newest key it has."""
    done, last = Rotated(), 0
    while page := _page(one, last):
        with transaction.atomic():
            for key, token in page:
                _rotate_one(one, key, token, done)
        last = page[-1][0]
    return done


def _rotate_one(one: EncryptedTextField, key: int, token: str, done: Rotated) -> None:
    if _with_newest(token):
        done.already += 1
        return
    try:
        renewed = cipher(tuple(settings.FIELD_KEYS)).rotate(token).decode()
    except InvalidToken:
        done.lost.append(key)
        return
    table, column, primary = _names(one)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {column} = %s WHERE {primary} = %s AND {column} = %s",  # noqa: S608 - quoted names
            [renewed, key, token],
        )
        done.changed += cursor.rowcount


def _with_newest(token: str) -> bool:
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(token)
    except InvalidToken:
        return False
    return True


def _page(one: EncryptedTextField, after: int) -> list[tuple[int, str]]:
    table, column, primary = _names(one)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {primary}, {column} FROM {table} "  # noqa: S608 - quoted names
            f"WHERE {primary} > %s AND {column} <> '' ORDER BY {primary} LIMIT {BATCH}",
            [after],
        )
        found: list[tuple[int, str]] = cursor.fetchall()
        return found


def _names(one: EncryptedTextField) -> tuple[str, str, str]:
    """Table, column and primary key, quoted."""
    model: type[models.Model] = one.model
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), quote(one.attname), quote(str(model._meta.pk.column))
