"""Advisory locks of PostgreSQL: held by the connection, gone with it, right across processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection


class Lock(IntEnum):
    """The first half of the lock's key; the second is an id, or 0."""

    DRAIN_STATUSES = 7101
    DRAIN_MESSAGES = 7102
    ROUTE = 7104
    ASSIGN = 7105
    BASE = 7106
    IMPORT = 7107
    BASE_SECOND = 7108
    KEEPING = 7109
    ERASE = 7110
    APART = 7111  # shared by whoever asks who is at a number, until they commit
    REPLAY = 7112  # shared by whoever applies stored callbacks again, until they commit
    ALERTS = 7113


SIGN = 1  # the key, beside a lock's own, of the sign that its holder is at work


@contextmanager
def advisory_lock(kind: Lock, key: int = 0) -> Iterator[bool]:
    """Yields whether the lock was free; it is held until the block ends. Not inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [int(kind), key])
        (held,) = cursor.fetchone()
    try:
        yield bool(held)
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(kind), key])


@contextmanager
def at_work(kind: Lock) -> Iterator[None]:
    """Shows for the block that the holder of a lock is at work: nobody else gets (kind, SIGN) meanwhile.

    Who looks holds it shared for the moment of looking, so this never waits long. Not inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [int(kind), SIGN])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(kind), SIGN])
