"""Receiving customers' messages: the contact, the window, the ledger, and which message they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from providers import ledger, media, opt_out
from providers.answering import Asked, answered, reply_time
from providers.contacts import contacts_for, dialled
from providers.drivers.base import Incoming
from providers.models import Contact, Direction, Message, Provider
from providers.states import State
from providers.statuses import as_uuid, with_their_ids
from providers.wake import wake


@dataclass(frozen=True, slots=True)
class Arrived:
    """One message of a customer, the provider it came through and when its callback came."""

    provider: Provider
    incoming: Incoming
    callback_at: datetime

    @property
    def at(self) -> datetime:
        """When the customer wrote. A clock that runs ahead of ours must not stretch the window."""
        return min(self.incoming.received_at or self.callback_at, self.callback_at)

    @property
    def written_at(self) -> datetime:
        """The same, for what it answers: a date further back than any reply is a sample's or a wrong clock's."""
        return self.at if self.callback_at - self.at <= reply_time() else self.callback_at

    @property
    def their_id(self) -> str:
        """The provider's message id, as far as the ledger keeps it."""
        return self.incoming.provider_message_id[: ledger.LONGEST_ID]


def receive(arrived: Sequence[Arrived], now: datetime) -> list[Message]:
    """Writes what is new into the ledger, in order, and renews the windows; what is known changes nothing.

    Who opts out joins the do-not-call registry and reads a confirmation. Bounded queries whatever the
    number of messages. Call it inside a transaction; the layer above is woken once that is committed.
    """
    new = _unknown(arrived)
    if not new:
        return []
    contacts = _held(new)
    origins = answered(
        [
            Asked(one.provider.pk, contact.pk, one.written_at, as_uuid(one.incoming.answers))
            for one, contact in zip(new, contacts, strict=True)
        ]
    )
    messages = [_message(*parts) for parts in zip(new, contacts, origins, strict=True)]
    opting_out = opt_out.mark(messages)
    _renew(new, contacts)
    ledger.mark_replied(_replies(new, messages))
    created = Message.objects.bulk_create(messages)
    media.expect(created, [one.incoming for one in new], now)
    opt_out.apply(opting_out, now)
    transaction.on_commit(partial(wake, settings.INCOMING_TASK))
    return created


def _replies(new: Sequence[Arrived], messages: Sequence[Message]) -> dict[int, datetime]:
    """When each message of ours was answered first, by id. Who opts out gives no reply."""
    replies: dict[int, datetime] = {}
    for one, message in zip(new, messages, strict=True):
        origin = message.answers_id
        if origin is not None and not message.opt_out:
            replies[origin] = min(one.written_at, replies.get(origin, one.written_at))
    return replies


def _unknown(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Without what the ledger holds already and without repeats inside the batch."""
    first: dict[tuple[int, str], Arrived] = {}
    for one in arrived:
        first.setdefault((one.provider.pk, one.their_id), one)
    if not first:
        return []
    known = set(with_their_ids(first, Direction.IN).values_list("provider_id", "provider_message_id"))
    return [one for key, one in first.items() if key not in known]


def _held(new: Sequence[Arrived]) -> list[Contact]:
    """Who wrote each message, their rows locked. Who is erased, or told apart, just now is looked for anew."""
    while True:
        contacts = _contacts(new)
        numbers = {contact.pk: contact.contact for contact in contacts}
        held = Contact.objects.filter(pk__in=sorted(numbers)).order_by("pk").select_for_update(no_key=True)
        if dict(held.values_list("pk", "contact")) == numbers:
            return contacts


def _contacts(new: Sequence[Arrived]) -> list[Contact]:
    """Who wrote each message."""
    by_provider: dict[Provider, list[int]] = {}
    for key, one in enumerate(new):
        by_provider.setdefault(one.provider, []).append(key)
    found: dict[int, Contact] = {}
    for provider, keys in sorted(by_provider.items(), key=lambda part: part[0].pk):  # as everybody does
        made = contacts_for(provider, [new[key].incoming.source for key in keys])
        found |= {key: made[new[key].incoming.source] for key in keys}
    return [found[key] for key in range(len(new))]


def _message(one: Arrived, contact: Contact, answers: int | None) -> Message:
    incoming = one.incoming
    return Message(
        provider=one.provider,
        contact=contact,
        direction=Direction.IN,
        did=incoming.origin[:32] or one.provider.number,
        address=incoming.source[:32],
        kind=incoming.kind,
        text=incoming.text,
        content=incoming.content,
        provider_message_id=one.their_id,
        state=State.RECEIVED,
        answers_id=answers,
        created_at=one.callback_at,
        received_at=one.at,
    )


RENEW = """
UPDATE providers_contact AS c SET
    last_incoming_at = GREATEST(c.last_incoming_at, v.at),
    address = CASE WHEN v.at >= COALESCE(c.last_incoming_at, v.at) THEN v.address ELSE c.address END,
    name = CASE
        WHEN v.name <> '' AND (c.name = '' OR v.at >= COALESCE(c.last_incoming_at, v.at)) THEN v.name
        ELSE c.name END
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[]) AS v(id, at, address, name)
WHERE c.id = v.id
"""


def _renew(new: Sequence[Arrived], contacts: Sequence[Contact]) -> None:
    """Renews the 24 hours of contacts whose rows are locked, never shortens them; keeps the address and the name
    that they last wrote with."""
    latest: dict[int, tuple[datetime, str, str]] = {}
    for one, contact in sorted(zip(new, contacts, strict=True), key=lambda pair: pair[0].at):
        name = one.incoming.name[:200] or (latest[contact.pk][2] if contact.pk in latest else "")
        latest[contact.pk] = (one.at, dialled(one.incoming.source), name)
    keys = sorted(latest)
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [keys, *([latest[key][part] for key in keys] for part in range(3))])
