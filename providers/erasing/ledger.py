"""Erasing in the ledger: the contact becomes nobody, its messages keep their state, times and batch alone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from providers import ledger, media
from providers.erasing.person import Note, Person
from providers.errors import Refusal
from providers.models import Contact, Erasure, Media, Message
from providers.models.contact import ERASED
from providers.records import bigints
from providers.states import OPEN, State

PAGE = 1000  # messages a transaction
KIND = "erased"  # what kind such a message is of

# An id of the provider that is no UUID may hold the number: WhatsApp's own ids do.
EMPTY = """
UPDATE providers_message SET
    address = '', kind = 'erased', text = '', content = '{}', error_detail = '',
    provider_message_id = CASE WHEN provider_message_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
        THEN provider_message_id ELSE '' END
WHERE id = ANY(%s::bigint[])
"""


def forget_contacts(erasure: Erasure, person: Person, note: Note) -> None:
    """Makes the person's contacts nobody's, in one transaction that also remembers which they were.

    From then on whatever comes from the person makes a new contact. Whoever holds the contact's row (a customer's
    message that is just received) is waited for, and their message is among those that go.
    """
    with transaction.atomic():
        contacts = list(
            Contact.objects.filter(provider__in=person.providers, contact__in=person.spellings)
            .order_by("pk")
            .select_for_update()
        )
        for contact in contacts:
            Contact.objects.filter(pk=contact.pk).update(
                contact=f"{ERASED}{contact.pk}",
                address="",
                name="",
                last_incoming_at=None,
                window_closed_at=None,
                written_at=None,
            )
        note("contacts", len(contacts))
        erasure.contacts = [contact.pk for contact in contacts]
        erasure.save(update_fields=["contacts"])


def erase_messages(contact_ids: Sequence[int], note: Note, now: datetime) -> bool:
    """Empties the messages of these contacts, page by page; their states and tallies stay.

    What still waits here is turned away. Returns whether all are done: what is just leaving has to settle first.
    """
    for contact_id in contact_ids:
        _turn_away(contact_id, now)
        while keys := _next(contact_id):
            note("media", media.delete_files(Media.objects.filter(message__in=keys)))
            with transaction.atomic():
                list(Message.objects.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
                with connection.cursor() as cursor:
                    cursor.execute(EMPTY, [bigints(keys)])
                note("messages", len(keys))
    return not Message.objects.filter(contact__in=contact_ids, state__in=OPEN).exists()


def _turn_away(contact_id: int, now: datetime) -> None:
    waiting = Message.objects.filter(contact=contact_id, state=State.QUEUED).order_by("pk")
    while keys := list(waiting.values_list("pk", flat=True)[:PAGE]):
        ledger.refuse({key: Refusal("erased") for key in keys}, now)


def _next(contact_id: int) -> list[int]:
    """The next messages that hold something. What is leaving still needs its content."""
    left = Message.objects.filter(contact=contact_id).exclude(kind=KIND).exclude(state__in=OPEN)
    return list(left.order_by("pk").values_list("pk", flat=True)[:PAGE])
