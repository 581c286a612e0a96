"""Erasing one person's data: asked for once, carried out in short steps that may be cut off and gone on with."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog
from celery import current_app
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from kombu.exceptions import OperationalError

from accounts.acts import Act
from accounts.audit import record
from accounts.models import Entry, User
from dialers import erasing as bases
from dialers.models import Row
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.erasing import inbox, ledger, registry, under_way
from providers.erasing.person import Person
from providers.locks import Lock, advisory_lock
from providers.models import Contact, Erasure, Message, NumberApart, Provider
from providers.numbers import canonical, variants
from sessions.erasing import close_interactions, erase_words
from sessions.models import ChatSession

log = structlog.get_logger(__name__)

TASK = "ucontact_wavy.erase"
MOST_COUNTED = 100_000  # of a kind, on the page that asks
Clock = Callable[[], datetime]


def person_of(number: str, provider: Provider | None) -> Person:
    """Who is meant by a number with its country code: at one provider, or at all of them."""
    ids = [provider.pk] if provider else list(Provider.objects.order_by("pk").values_list("pk", flat=True))
    apart = NumberApart.objects.filter(provider__in=ids, number__in=variants(number), merged_at=None)
    alone = apart.exists()
    return Person(number if alone else canonical(number), tuple(ids), alone)


def foresee(person: Person) -> dict[str, int]:
    """What the indexes tell of a person at once: contacts, messages, interactions, rows that became messages."""
    contacts = Contact.objects.filter(provider__in=person.providers, contact__in=person.spellings)
    ids = list(contacts.values_list("pk", flat=True))
    messages = Message.objects.filter(contact__in=ids)
    rows = Row.objects.filter(message__in=messages.filter(batch__isnull=False).values("pk")[:MOST_COUNTED])
    return {
        "contacts": len(ids),
        "messages": messages[:MOST_COUNTED].count(),
        "interactions": ChatSession.objects.filter(contact__in=ids)[:MOST_COUNTED].count(),
        "rows": rows.count(),
    }


def request(number: str, provider: Provider | None, user: User | None, now: datetime) -> Erasure:
    """Asks for an erasure; a worker begins at once. The number is kept, encrypted, until it is done."""
    with transaction.atomic():
        erasure = Erasure.objects.create(
            number=number, provider=provider, requested_by=user, requested_at=now
        )
        record(erasure, Act.ERASURE, user=user)
        transaction.on_commit(partial(_publish, erasure.pk))
    return erasure


def _publish(erasure_id: int) -> None:
    """Without a broker the next beat finds it."""
    try:
        current_app.send_task(TASK, args=[erasure_id], retry=False)
    except OperationalError as error:
        log.warning("publish_lost", task=TASK, error=type(error).__name__)


def erase_waiting(clock: Clock) -> int:
    """Goes on with every erasure that is not done; returns how many were finished."""
    waiting = list(Erasure.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True))
    return sum(erase(key, clock) for key in waiting)


def erase(erasure_id: int, clock: Clock) -> bool:
    """Carries out an erasure, or goes on with it. Returns whether it is done; if not, call it again in a while:

    something of the person is just leaving, arriving or being loaded, or somebody else is at it.
    """
    with advisory_lock(Lock.ERASE, erasure_id) as free:
        if not free:
            return False
        erasure = Erasure.objects.select_related("provider", "requested_by").get(pk=erasure_id)
        if erasure.finished_at is not None:
            return True
        under_way.wait_for_replays()
        person = person_of(erasure.number, erasure.provider)
        if not _settled(erasure, person, clock):
            return False
        return _carry_out(erasure, person, clock)


def _settled(erasure: Erasure, person: Person, clock: Clock) -> bool:
    """Whether all that came before is where it belongs."""
    if not inbox.settled(erasure):
        drain_messages(clock)
        drain_statuses(clock)
    return inbox.settled(erasure) and bases.settled(person)


def _carry_out(erasure: Erasure, person: Person, clock: Clock) -> bool:
    """Rows first, so that none of them is claimed for a new contact once the person's own is forgotten."""
    note = partial(_note, erasure)
    bases.erase_bases(person, note)
    if erasure.contacts is None:
        ledger.forget_contacts(erasure, person, note)
    contacts: list[int] = erasure.contacts or []
    close_interactions(contacts, erasure.requested_by, clock(), note)
    erase_words(contacts, note)
    ledger.erase_messages(contacts, note, clock())
    registry.erase_registry(person, note)
    inbox.erase_inbox(person, note)
    _erase_log(person)
    if not ledger.erase_messages(contacts, note, clock()):  # also what somebody wrote at the very same time
        return False
    Erasure.objects.filter(pk=erasure.pk).update(number="", finished_at=clock())
    log.info("erased", erasure=erasure.pk, **erasure.counts)
    return True


def _note(erasure: Erasure, what: str, n: int) -> None:
    """Counts what went, in the transaction in which it goes."""
    if n:
        erasure.counts[what] = erasure.counts.get(what, 0) + n
        Erasure.objects.filter(pk=erasure.pk).update(counts=erasure.counts)


def _erase_log(person: Person) -> None:
    """What is written down of who did what names its object; of a do-not-call entry that is its number."""
    named = LogEntry.objects.filter(
        Q(object_repr__contains=person.tail) | Q(change_message__contains=person.tail)
    )
    named.update(object_repr="…", change_message="")
    entries = Entry.objects.annotate(told=Cast("changes", TextField()))
    entries.filter(Q(object_repr__contains=person.tail) | Q(told__contains=person.tail)).update(
        object_repr="…", changes=None
    )
