"""Drain: stored callbacks in batches, in order, one drainer a kind; a bad item never sinks the others."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, QuerySet

from providers.callbacks import inbox, intake
from providers.callbacks.inbox import Taken
from providers.callbacks.origin import ProviderFinder
from providers.drivers import driver_for
from providers.drivers.base import BadItem, Incoming, Receipt
from providers.drivers.loose_json import clean_tree, count, items
from providers.erasing import under_way
from providers.incoming import Arrived, receive
from providers.locks import advisory_lock, at_work
from providers.models import Callback, Provider, QuarantinedItem
from providers.models.callback import CallbackKind, CallbackState
from providers.records import bigints
from providers.statuses import Found, apply

log = structlog.get_logger(__name__)
Item = Found | Arrived | BadItem

BATCH = 1000  # callbacks
BATCH_BYTES = 4 * 1024 * 1024
ATTEMPTS = 5
MOST_ITEMS = 100_000  # of a callback: what 10 MiB hold of the shortest items that mean anything
MOST_SET_ASIDE = 1_000  # items of a callback that are put into quarantine one by one
# What a poison callback may raise; anything else is a fault of ours and stops the drain loudly.
POISON = (
    DatabaseError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
)


def at_once() -> None:
    """Lets no time pass."""


def drain(kind: CallbackKind, clock: Callable[[], datetime], gather: Callable[[], None] = at_once) -> int:
    """Applies what is in the inbox until it is empty; returns how many callbacks. Another drainer at work = 0.

    `gather` lets a moment pass, so that a stream of small callbacks is applied in batches. For that moment, too,
    whoever stores one sees that it is awaited and wakes nobody.
    """
    done = 0
    # What was stored while the last batch ended found the lock taken, so its holder looks once more.
    while _next(kind):
        with advisory_lock(intake.LOCKS[kind]) as free:
            if not free:
                break
            done += _until_empty(kind, clock, gather)
    return done


def _until_empty(kind: CallbackKind, clock: Callable[[], datetime], gather: Callable[[], None]) -> int:
    done = 0
    while True:
        with at_work(intake.LOCKS[kind]):
            while taken := _drain_batch(kind, clock()):
                done += taken
                if not inbox.look(kind, BATCH, BATCH_BYTES).full:
                    gather()
        gather()  # whoever still saw the sign has stored theirs by now
        if not _next(kind):
            return done


def _drain_batch(kind: CallbackKind, now: datetime) -> int:
    keys = _next(kind)
    if not keys:
        return 0
    try:
        with transaction.atomic():
            _apply(kind, inbox.take(keys, now), now)
    except (OperationalError, InterfaceError):
        raise
    except POISON as error:
        log.warning("batch_held_poison", kind=kind, callbacks=len(keys), error=repr(error)[:300])
        for key in keys:
            _apply_one(kind, key, now)
    return len(keys)


def _next(kind: CallbackKind) -> list[int]:
    return inbox.look(kind, BATCH, BATCH_BYTES).keys


def _apply_one(kind: CallbackKind, key: int, now: datetime) -> None:
    """One callback by itself, its attempt counted first, so that it can be tried only so often."""
    Callback.objects.filter(pk=key).update(attempts=F("attempts") + 1)
    callback = Callback.objects.get(pk=key)
    try:
        with transaction.atomic():
            _apply(kind, inbox.take([key], now), now)
    except (OperationalError, InterfaceError):
        raise
    except intake.UnreadableError as error:
        intake.quarantine_body(key, bytes(callback.body), error, now)
    except POISON as error:
        log.error("callback_failed", callback=key, attempts=callback.attempts, error=repr(error)[:300])
        state = CallbackState.FAILED if callback.attempts >= ATTEMPTS else CallbackState.NEW
        Callback.objects.filter(pk=key).update(state=state, error=repr(error)[:2000].replace("\x00", ""))


def replay_stored(callbacks: QuerySet[Callback], clock: Callable[[], datetime]) -> tuple[int, int]:
    """Applies stored callbacks again, one by one; returns how many went through and how many did not."""
    done = failed = 0
    for key in callbacks.values_list("id", flat=True).iterator():
        try:
            done += replay(key, clock())
        except (OperationalError, InterfaceError):
            raise
        except POISON as error:
            log.warning("callback_failed", callback=key, error=repr(error)[:300])
            failed += 1
    return done, failed


def replay(key: int, now: datetime) -> bool:
    """Applies one stored callback again; changes nothing that is already right. False where it is kept no more.

    Its row is locked first, as the drain does. Raises what its items raise, and Refusal `erasing` while somebody
    is being erased.
    """
    with transaction.atomic():
        under_way.require_none()
        taken = inbox.take([key], now)
        for callback in taken:
            _apply(CallbackKind(callback.kind), [callback], now)
    return bool(taken)


def _apply(kind: CallbackKind, callbacks: Sequence[Taken], now: datetime) -> None:
    finder = ProviderFinder()
    quarantined: list[QuarantinedItem] = []
    statuses: list[Found] = []
    messages: list[Arrived] = []
    for callback in callbacks:
        bad = 0
        for index, item in enumerate(_items(callback, kind, finder)):
            if isinstance(item, BadItem):
                bad += 1
                if bad <= MOST_SET_ASIDE:
                    quarantined.append(_quarantined(callback, index, item))
            elif isinstance(item, Found):
                statuses.append(item)
            else:
                messages.append(item)
        if bad > MOST_SET_ASIDE:
            rest = f"{bad - MOST_SET_ASIDE:,} more items of this callback could not be applied; its body holds them."
            quarantined.append(_quarantined(callback, MOST_ITEMS, BadItem("", rest)))
    apply(statuses)
    receive(messages, now)
    _set_aside([callback.pk for callback in callbacks], quarantined)
    inbox.note(callbacks)


def _items(callback: Taken, kind: CallbackKind, finder: ProviderFinder) -> Iterator[Item]:
    """The items of one callback, parsed by the driver of the provider that each belongs to."""
    body = intake.parse(callback.body)
    if (n := count(body)) > MOST_ITEMS:
        raise intake.TooManyItemsError(f"{n:,}, of which a body can hold {MOST_ITEMS:,} at most")
    if callback.provider_id:
        provider = finder.by_id(callback.provider_id)
        for index, item in enumerate(_parsed(kind, provider, body)):
            yield _item(callback, index, provider, item)
        return
    raw = list(items(body))
    owners = finder.by_items(raw)
    if len(set(owners)) == 1:
        callback.provider_id = owners[0].pk if owners[0] else None
        Callback.objects.filter(pk=callback.pk).update(provider=owners[0])
    for index, (part, owner) in enumerate(zip(raw, owners, strict=True)):
        if owner is None:
            yield BadItem(clean_tree(part), "Neither origin nor correlationId names one of our providers.")
        else:
            (item,) = _parsed(kind, owner, [part])
            yield _item(callback, index, owner, item)


def _parsed(kind: CallbackKind, provider: Provider, body: object) -> Sequence[Receipt | Incoming | BadItem]:
    driver = driver_for(provider.api_type)
    return driver.parse_statuses(body) if kind is CallbackKind.STATUS else driver.parse_messages(body)


def _item(callback: Taken, index: int, provider: Provider, item: Receipt | Incoming | BadItem) -> Item:
    if isinstance(item, BadItem):
        return item
    if isinstance(item, Receipt):
        return Found(provider.pk, callback.pk, callback.received_at, index, item)
    return Arrived(provider, item, callback.received_at)


SET_ASIDE = (
    "SELECT callback_id, index, id FROM providers_quarantineditem WHERE callback_id = ANY(%s::bigint[])"
)


def _set_aside(keys: Sequence[int], quarantined: Sequence[QuarantinedItem]) -> None:
    """Keeps what could not be applied; what could be this time is in quarantine no more."""
    still = {(item.callback_id, item.index) for item in quarantined}
    with connection.cursor() as cursor:
        cursor.execute(SET_ASIDE, [bigints(keys)])
        known = cursor.fetchall()
    released = [row[2] for row in known if row[:2] not in still]
    if released:
        QuarantinedItem.objects.filter(pk__in=released).delete()
    QuarantinedItem.objects.bulk_create(quarantined, ignore_conflicts=True)


def _quarantined(callback: Taken, index: int, item: BadItem) -> QuarantinedItem:
    raw = item.raw if isinstance(item.raw, str) else json.dumps(item.raw, ensure_ascii=False, default=str)
    return QuarantinedItem(
        callback_id=callback.pk, index=index, raw=raw[:10_000].replace("\x00", "\\x00"), reason=item.reason
    )


drain_statuses = partial(drain, CallbackKind.STATUS)
drain_messages = partial(drain, CallbackKind.MESSAGE)
