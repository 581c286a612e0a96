"""Receiving customers' messages: the contact, the window, the ledger, and which message they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from providers import ledger
from providers.contacts import contacts_for
from providers.drivers.base import Incoming
from providers.models import Contact, Direction, Message, Provider
from providers.numbers import canonical, variants
from providers.states import State
from providers.statuses import as_uuid
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


def receive(arrived: Sequence[Arrived]) -> list[Message]:
    """Writes what is new into the ledger, in order, and renews the windows; what is known changes nothing.

    Call it inside a transaction. The layer above is woken once that is committed.
    """
    new = _unknown(arrived)
    if not new:
        return []
    answered = {key: _answered(one) for key, one in enumerate(new)}
    contacts = _contacts(new, answered)
    messages: list[Message] = []
    for key, one in enumerate(new):
        contact = contacts[key]
        origin = answered[key] or _last_sent(contact, one.at)
        messages.append(_message(one, contact, origin))
        _renew(contact, one)
        if origin is not None:
            ledger.mark_replied(origin.pk, one.at)
    created = Message.objects.bulk_create(messages)
    transaction.on_commit(partial(wake, settings.INCOMING_TASK))
    return created


def _unknown(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Without what the ledger holds already and without repeats inside the batch."""
    first: dict[tuple[int, str], Arrived] = {}
    for one in arrived:
        first.setdefault((one.provider.pk, one.incoming.provider_message_id), one)
    wanted = Q()
    for provider_id in {key[0] for key in first}:
        ids = [key[1] for key in first if key[0] == provider_id]
        wanted |= Q(provider_id=provider_id, provider_message_id__in=ids)
    if not first:
        return []
    known = set(
        Message.objects.filter(wanted, direction=Direction.IN).values_list(
            "provider_id", "provider_message_id"
        )
    )
    return [one for key, one in first.items() if key not in known]


def _answered(one: Arrived) -> Message | None:
    """The message of ours that its correlation id names."""
    correlation = as_uuid(one.incoming.answers)
    if correlation is None:
        return None
    return (
        Message.objects.filter(correlation_id=correlation, provider=one.provider, direction=Direction.OUT)
        .select_related("contact")
        .first()
    )


def _contacts(new: Sequence[Arrived], answered: dict[int, Message | None]) -> dict[int, Contact]:
    """Who wrote each message. The person whose message is answered wins over a spelling that two people share."""
    found: dict[int, Contact] = {}
    for key, one in enumerate(new):
        answer = answered[key]
        if answer is not None and one.incoming.source in variants(answer.contact.contact):
            found[key] = answer.contact
    rest = [key for key in range(len(new)) if key not in found]
    for provider in {new[key].provider for key in rest}:
        keys = [key for key in rest if new[key].provider == provider]
        made = contacts_for(provider, [new[key].incoming.source for key in keys])
        for key in keys:
            found[key] = made[canonical(new[key].incoming.source)]
    return found


def _last_sent(contact: Contact, at: datetime) -> Message | None:
    """The last message that left for a contact within the reply time (REPLY_HOURS)."""
    return (
        Message.objects.filter(
            contact=contact,
            direction=Direction.OUT,
            state__gte=State.SUBMITTING,
            created_at__gte=at - timedelta(hours=settings.REPLY_HOURS),
        )
        .exclude(state=State.REFUSED)
        .order_by("-id")
        .first()
    )


def _message(one: Arrived, contact: Contact, answers: Message | None) -> Message:
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
        provider_message_id=incoming.provider_message_id[:200],
        state=State.RECEIVED,
        answers=answers,
        created_at=one.callback_at,
        received_at=one.at,
    )


def _renew(contact: Contact, one: Arrived) -> None:
    """Renews the 24 hours, never shortens them, and keeps the address and name they last wrote from."""
    changes = {"address": one.incoming.source[:32]}
    if one.incoming.name:
        changes["name"] = one.incoming.name[:200]
    Contact.objects.filter(pk=contact.pk).update(
        last_incoming_at=Greatest("last_incoming_at", one.at), **changes
    )
