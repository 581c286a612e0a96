"""Telling apart two people whose numbers have one canonical form, and merging them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from providers import apart_registry
from providers.answering import Asked, answered, recount
from providers.errors import Refusal
from providers.locks import Lock
from providers.models import Contact, Direction, Message, NumberApart
from providers.numbers import canonical, variants

BATCH = 1000  # messages that are moved by one statement

# The digits of an address as the wire had it; see `contacts.dialled`.
MOVE = """
WITH next AS (
    SELECT id FROM providers_message
    WHERE contact_id = %(old)s AND id > %(after)s
      AND (%(spelt)s::text IS NULL OR regexp_replace(address, '[^0-9]', '', 'g') = %(spelt)s)
    ORDER BY id LIMIT %(most)s FOR UPDATE
)
UPDATE providers_message m SET contact_id = %(new)s FROM next n WHERE m.id = n.id RETURNING m.id
"""
LAST_INCOMING = """
SELECT contact_id, max(received_at) FROM providers_message
WHERE contact_id = ANY(%s) AND direction = 2 GROUP BY contact_id
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """The contact of the canonical form, the one of the other spelling, and how many messages went over."""

    one: Contact
    other: Contact
    moved: int


def other_spelling(number: str) -> str:
    """The spelling that may be another person; "" for a number that has but one."""
    form = canonical(number)
    return next((spelling for spelling in variants(form) if spelling != form), "")


def tell_apart(contact: Contact, user: User | None, reason: str, now: datetime) -> Pair:
    """From now on the second spelling of the contact's number is a person of their own at its provider.

    What left for or came from exactly that spelling moves to their contact; each has the window of what they wrote
    themselves. Call it inside a transaction. Raises Refusal `one_spelling`, `told_apart`.
    """
    number = other_spelling(contact.contact)
    _lock()
    if not number:
        raise Refusal(
            "one_spelling", _("This number has but one spelling: nobody can have been merged into it.")
        )
    provider = contact.provider
    if NumberApart.objects.filter(provider=provider, number=number, merged_at=None).exists():
        raise Refusal("told_apart", _("These two were told apart already."))
    NumberApart.objects.create(
        provider=provider, number=number, told_by=user, told_at=now, reason=reason[:500]
    )
    Contact.objects.get_or_create(provider=provider, contact=number, defaults={"address": number})
    one, other = _pair(contact, number)
    wrote_last = other if one.address == number else one
    before, name = one.last_incoming_at, one.name
    other.window_closed_at = one.window_closed_at  # whichever of the two it was said of
    moved = sum(_move(one, other, number))
    last = _last_incoming(one, other)
    if before:  # what they wrote may have been pruned since
        last[wrote_last.pk] = max(before, last.get(wrote_last.pk, before))
    for person, address in ((one, one.contact if one.address == number else one.address), (other, number)):
        person.last_incoming_at = last.get(person.pk)
        person.address = address
        person.name = name if person is wrote_last else ""
        person.save(update_fields=["last_incoming_at", "window_closed_at", "address", "name"])
    _answer_anew(_crossed(one, other))
    apart_registry.part(one, other)
    return Pair(one, other, moved)


def merge(contact: Contact, user: User | None, reason: str, now: datetime) -> Pair:
    """Both are one person again: everything of the second spelling goes back to the contact of the canonical form.

    Call it inside a transaction, and `forget` the emptied contact in its end. Raises Refusal `not_apart`.
    """
    number = other_spelling(contact.contact)
    _lock()
    standing = NumberApart.objects.filter(provider=contact.provider, number=number, merged_at=None)
    if not standing.update(merged_by=user, merged_at=now, merge_reason=reason[:500]):
        raise Refusal("not_apart", _("These two are one person already."))
    for spelling in (canonical(number), number):  # either may have been erased meanwhile
        Contact.objects.get_or_create(
            provider=contact.provider, contact=spelling, defaults={"address": spelling}
        )
    one, other = _pair(contact, number)
    moved = sum(_move(other, one, None))
    latest = max((one, other), key=_wrote)
    one.address, one.last_incoming_at = latest.address, latest.last_incoming_at
    one.name = latest.name or one.name or other.name
    one.written_at = _later(one.written_at, other.written_at)
    one.window_closed_at = _later(one.window_closed_at, other.window_closed_at)
    one.save(update_fields=["address", "last_incoming_at", "window_closed_at", "name", "written_at"])
    _answer_anew(list(Message.objects.filter(contact=one, direction=Direction.IN, answers=None)[:BATCH]))
    apart_registry.join(one, other)
    return Pair(one, other, moved)


def forget(pair: Pair) -> None:
    """Removes the contact that a merge has emptied."""
    pair.other.delete()


def history(contact: Contact) -> list[NumberApart]:
    """Who told them apart or merged them, the newest first."""
    number = other_spelling(contact.contact)
    acts = NumberApart.objects.filter(provider=contact.provider, number=number) if number else None
    return list(acts.select_related("told_by", "merged_by").order_by("-pk")[:20]) if acts is not None else []


def counterpart(contact: Contact) -> Contact | None:
    """The contact of the other spelling, where the two stand apart."""
    number = other_spelling(contact.contact)
    other = canonical(number) if contact.contact == number else number
    standing = NumberApart.objects.filter(provider=contact.provider, number=number, merged_at=None)
    if not number or not standing.exists():
        return None
    return Contact.objects.filter(provider=contact.provider, contact=other).first()


def _lock() -> None:
    """Waits for everybody who asked who is at a number and has not committed what they made of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [int(Lock.APART)])


def _pair(contact: Contact, number: str) -> tuple[Contact, Contact]:
    """Both contacts, locked in the order in which everybody locks contacts."""
    found = Contact.objects.filter(provider=contact.provider, contact__in=[canonical(number), number])
    locked = {person.contact: person for person in found.order_by("pk").select_for_update(no_key=True)}
    return locked[canonical(number)], locked[number]


def _move(old: Contact, new: Contact, spelt: str | None) -> Iterator[int]:
    """Moves messages with that spelling (None: all), in batches; yields how many each was."""
    after = 0
    while True:
        values = {"old": old.pk, "new": new.pk, "after": after, "spelt": spelt, "most": BATCH}
        with connection.cursor() as cursor:
            cursor.execute(MOVE, values)
            keys = [row[0] for row in cursor.fetchall()]
        yield len(keys)
        if len(keys) < BATCH:
            return
        after = max(keys)


def _last_incoming(*contacts: Contact) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(LAST_INCOMING, [[contact.pk for contact in contacts]])
        return dict(cursor.fetchall())


def _later(*times: datetime | None) -> datetime | None:
    return max((at for at in times if at), default=None)


def _wrote(contact: Contact) -> tuple[bool, float, int]:
    at = contact.last_incoming_at
    return (at is not None, at.timestamp() if at else 0.0, -contact.pk)


def _crossed(one: Contact, other: Contact) -> list[Message]:
    """What one of them wrote and counted as an answer to a message to the other."""
    written = Message.objects.filter(contact__in=[one, other], direction=Direction.IN, answers__isnull=False)
    return [
        message
        for message in written.select_related("answers").order_by("pk")
        if message.answers and message.answers.contact_id != message.contact_id
    ]


def _answer_anew(incoming: list[Message]) -> None:
    """Finds what these answer, now that it is known who wrote them; the funnel follows."""
    found = answered(
        [
            Asked(message.provider_id, message.contact_id, message.received_at or message.created_at)
            for message in incoming
        ]
    )
    left = {message.answers_id for message in incoming if message.answers_id}
    for message, origin in zip(incoming, found, strict=True):
        message.answers_id = origin
    Message.objects.bulk_update(incoming, ["answers"], batch_size=BATCH)
    recount(sorted(left.union(key for key in found if key is not None)))
