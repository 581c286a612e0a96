"""Receiving customers' messages: the contact, the window, the ledger, and which message they answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import connection, transaction

from providers import ledger, media, opt_out
from providers.contacts import contacts_for, dialled
from providers.drivers.base import Incoming
from providers.models import Contact, Direction, Message, Provider
from providers.numbers import canonical, variants
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
    named = _named(new)
    contacts = _contacts(new, named)
    last = _last_sent({contact.pk for contact in contacts}, min(one.at for one in new) - _reply_time())
    answers: dict[int, datetime] = {}
    messages: list[Message] = []
    for one, origin, contact in zip(new, named, contacts, strict=True):
        candidate = last.get(contact.pk)
        if origin is None and candidate and candidate.created_at >= one.at - _reply_time():
            origin = candidate
        if origin is not None:
            answers[origin.pk] = min(one.at, answers.get(origin.pk, one.at))
        messages.append(_message(one, contact, origin))
    ledger.mark_replied(answers)
    _renew(new, contacts)
    opting_out = opt_out.mark(messages)
    created = Message.objects.bulk_create(messages)
    media.expect(created, [one.incoming for one in new], now)
    opt_out.apply(opting_out, now)
    transaction.on_commit(partial(wake, settings.INCOMING_TASK))
    return created


def _reply_time() -> timedelta:
    return timedelta(hours=settings.REPLY_HOURS)


def _unknown(arrived: Sequence[Arrived]) -> list[Arrived]:
    """Without what the ledger holds already and without repeats inside the batch."""
    first: dict[tuple[int, str], Arrived] = {}
    for one in arrived:
        first.setdefault((one.provider.pk, one.their_id), one)
    if not first:
        return []
    known = set(with_their_ids(first, Direction.IN).values_list("provider_id", "provider_message_id"))
    return [one for key, one in first.items() if key not in known]


def _named(new: Sequence[Arrived]) -> list[Message | None]:
    """The messages of ours that the correlation ids name; of one that was sent again, the one in its place."""
    wanted = [as_uuid(one.incoming.answers) for one in new]
    ours = (
        Message.objects.filter(correlation_id__in={key for key in wanted if key}, direction=Direction.OUT)
        .select_related("contact", "sent_again_as__contact")
        .order_by("id")
    )
    found = {(message.provider_id, message.correlation_id): message for message in ours}
    named = [found.get((one.provider.pk, key)) for one, key in zip(new, wanted, strict=True)]
    return [message and (message.sent_again_as or message) for message in named]


def _contacts(new: Sequence[Arrived], named: Sequence[Message | None]) -> list[Contact]:
    """Who wrote each message. The person whose message is answered wins over a spelling that two people share."""
    found: dict[int, Contact] = {
        key: answer.contact
        for key, (one, answer) in enumerate(zip(new, named, strict=True))
        if answer is not None and dialled(one.incoming.source) in variants(answer.contact.contact)
    }
    rest: dict[Provider, list[int]] = {}
    for key, one in enumerate(new):
        if key not in found:
            rest.setdefault(one.provider, []).append(key)
    for provider, keys in rest.items():
        made = contacts_for(provider, [new[key].incoming.source for key in keys])
        found |= {key: made[canonical(new[key].incoming.source)] for key in keys}
    return [found[key] for key in range(len(new))]


def _last_sent(contacts: Iterable[int], since: datetime) -> dict[int, Message]:
    """The last message since then that left for each contact and may have reached them. One query."""
    latest = (
        Message.objects.filter(
            contact_id__in=contacts,
            direction=Direction.OUT,
            state__gte=State.SUBMITTING,
            created_at__gte=since,
            opt_out=False,
        )
        .exclude(state__in=(State.REFUSED, State.EXPIRED, State.FAILED))
        .order_by("contact_id", "-id")
        .distinct("contact_id")
    )
    return {message.contact_id: message for message in latest}


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
        provider_message_id=one.their_id,
        state=State.RECEIVED,
        answers=answers,
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
    """Renews the 24 hours, never shortens them; keeps the address and the name that they last wrote with."""
    latest: dict[int, tuple[datetime, str, str]] = {}
    for one, contact in sorted(zip(new, contacts, strict=True), key=lambda pair: pair[0].at):
        name = one.incoming.name[:200] or (latest[contact.pk][2] if contact.pk in latest else "")
        latest[contact.pk] = (one.at, dialled(one.incoming.source), name)
    keys = sorted(latest)
    list(Contact.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(RENEW, [keys, *([latest[key][part] for key in keys] for part in range(3))])
