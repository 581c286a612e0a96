"""Intake: all that happens before the answer. One statement stores the body and says whose it is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from psycopg import Cursor

from providers.config import digest
from providers.drivers.loose_json import decode
from providers.locks import SIGN, Lock
from providers.models import Callback, Provider, QuarantinedItem
from providers.models.callback import CallbackKind, CallbackState
from providers.numbers import variants

STORE = """
INSERT INTO providers_callback (provider_id, token_id, kind, body, received_at, state, attempts, error)
SELECT provider_id, id, %s, %s, %s, %s, 0, '' FROM providers_callbacktoken WHERE sha256 = %s
RETURNING id, CASE WHEN pg_try_advisory_lock_shared(%s, %s) THEN NOT pg_advisory_unlock_shared(%s, %s) ELSE true END
"""
COUNT_REFUSED = """
INSERT INTO providers_refusedcallbacks (number, n, last_at) VALUES (%s, 1, %s)
ON CONFLICT (number) DO UPDATE SET n = providers_refusedcallbacks.n + 1, last_at = EXCLUDED.last_at
"""
ORIGIN = re.compile(rb'"(?:origin|shortCode)"\s*:\s*"?\+?(\d{3,20})')
DRAINS = {CallbackKind.MESSAGE: "providers.drain_messages", CallbackKind.STATUS: "providers.drain_statuses"}
LOCKS = {CallbackKind.STATUS: Lock.DRAIN_STATUSES, CallbackKind.MESSAGE: Lock.DRAIN_MESSAGES}


@dataclass(frozen=True, slots=True)
class Stored:
    """A callback on disk. `awaited`: a drainer is at work and looks once more after it, so that none need be woken."""

    id: int
    awaited: bool = False


def store(kind: CallbackKind, token: str, body: bytes, now: datetime) -> Stored | None:
    """The stored callback, or None where the token is nobody's. One statement.

    It saves the round trip that asks whether the connection still stands, and takes a new one where it does not.
    """
    sign = (int(LOCKS[kind]), SIGN)
    values = [kind.value, body, now, CallbackState.NEW.value, digest(token), *sign, *sign]
    connected = connection.connection is not None
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _stored(values)
    except (OperationalError, InterfaceError):
        if not connected or connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _stored(values)


def _stored(values: Sequence[Any]) -> Stored | None:
    """Past Django's cursor, which writes bodies into the statement's text and has it planned anew each time."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(STORE, values, prepare=True)
        row = cursor.fetchone()
    return Stored(*row) if row else None


def store_open(kind: str, body: bytes, now: datetime) -> int:
    """Stores a callback without a token; its provider follows from its items."""
    return Callback.objects.create(kind=kind, body=body, received_at=now).pk


class UnreadableError(ValueError):
    """A body that will never be applied, however often it is tried, with the reason."""

    kind = "Unreadable"

    @property
    def reason(self) -> str:
        """As it is written down."""
        return f"{self.kind}: {self}"


class NoJsonError(UnreadableError):
    """No JSON object or array."""

    kind = "No JSON"


class TooManyItemsError(UnreadableError):
    """More items than anything but nonsense has."""

    kind = "Too many items"


def parse(body: bytes) -> object:
    """The JSON of a body. Raises NoJsonError."""
    try:
        value = decode(body)
    except ValueError as error:
        raise NoJsonError(str(error)) from error
    if not isinstance(value, dict | list):
        raise NoJsonError("neither an object nor an array")
    return value


def quarantine_body(callback_id: int, body: bytes, error: UnreadableError, now: datetime) -> None:
    """Sets a whole body aside; it stays stored as it came."""
    reason = error.reason
    with transaction.atomic():
        Callback.objects.filter(pk=callback_id).update(
            state=CallbackState.FAILED, error=reason, processed_at=now
        )
        QuarantinedItem.objects.get_or_create(
            callback_id=callback_id, index=-1, defaults={"raw": readable(body), "reason": reason}
        )


def readable(body: bytes) -> str:
    """A body as text that PostgreSQL takes and a person can look at, at most 10,000 characters."""
    return body[:10_000].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def count_refused(body: bytes, now: datetime) -> None:
    """Counts a callback that was turned away, for the provider whose number it names, else for none."""
    named = {match.decode() for match in ORIGIN.findall(body[:65536])}
    numbers = Provider.objects.filter(number__in={form for number in named for form in variants(number)})
    number = numbers.values_list("number", flat=True).first() or ""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_REFUSED, [number, now])
