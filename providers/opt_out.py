"""A customer's STOP: into the do-not-call registry, and one confirmation, without an agent."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from providers import do_not_call, gate, ledger
from providers.models import Contact, Message, Provider
from providers.models.do_not_call import Source
from providers.outbox import Composed, compose_text
from providers.rules import current
from providers.stop_words import normal, words_of
from providers.wake import REPLY_TASK, wake

SPOKEN = ("text", "button", "list_reply")
LONGEST = 200  # characters; what is longer is no word, and not worth the comparison


def mark(messages: Sequence[Message]) -> list[Message]:
    """Marks those incoming messages, not stored yet, that are nothing but a word that opts out; returns them."""
    spoken = [message for message in messages if message.kind in SPOKEN and len(message.text) <= LONGEST]
    words = words_of(current().stop_words) if spoken else frozenset()
    opting_out = [message for message in spoken if normal(message.text) in words]
    for message in opting_out:
        message.opt_out = True
    return opting_out


def apply(messages: Sequence[Message], now: datetime) -> None:
    """Enters who opted out; those who were not there yet read the confirmation. In the transaction of the messages.

    Bounded queries whatever their number.
    """
    if not messages:
        return
    entered = do_not_call.opt_out(
        [
            do_not_call.OptOut(
                message.provider_id, message.contact.contact, message.created_at, message.text.strip()
            )
            for message in messages
        ],
        Source.CUSTOMER,
    )
    text = current().stop_confirmation
    if not entered or not text.strip():
        return
    keys = {
        message.contact_id
        for message in messages
        if (message.provider_id, message.contact.contact) in entered
    }
    by_provider: dict[Provider, list[Contact]] = {}
    for contact in Contact.objects.filter(pk__in=keys).select_related("provider").order_by("pk"):
        by_provider.setdefault(contact.provider, []).append(contact)
    for provider, contacts in by_provider.items():
        _confirm(provider, contacts, compose_text(text), now)
    transaction.on_commit(partial(wake, REPLY_TASK))


def _confirm(provider: Provider, contacts: Sequence[Contact], composed: Composed, now: datetime) -> None:
    """Queues the confirmation for those whom the gate lets be answered; a closed window is no obstacle to the rest."""
    candidates = [
        gate.Candidate(
            contact.pk, contact, contact.address, composed.kind, composed.content, confirms_opt_out=True
        )
        for contact in contacts
    ]
    refused = gate.check(provider, candidates, now)
    drafts = [
        ledger.Draft(contact, composed.kind, composed.content, composed.text, opt_out=True)
        for contact in contacts
        if contact.pk not in refused
    ]
    ledger.queue(provider, drafts, now)
