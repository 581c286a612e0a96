"""Applying status items: matched inside the token's provider, merged by rank, kept when they match nothing."""

import re
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from providers import do_not_call, ledger, windows
from providers.drivers.base import Receipt
from providers.ledger import Move
from providers.models import Direction, Message, Provider, UnmatchedStatus
from providers.models.contact import ERASED
from providers.models.do_not_call import Source
from providers.records import records, texts
from providers.states import STAGES, State

AS_WE_WRITE_IT = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Found:
    """A receipt and where it stands: its callback, when that came, and its index in it."""

    provider_id: int
    callback_id: int
    received_at: datetime
    index: int
    receipt: Receipt

    @property
    def their_id(self) -> str:
        """The provider's message id, as far as the ledger keeps it."""
        return self.receipt.provider_message_id[: ledger.LONGEST_ID]


def as_uuid(text: str) -> uuid.UUID | None:
    """A correlation id of ours, or None for what cannot be one."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


COUNTED = 10_000


def unmatched_of(provider: Provider) -> int:
    """How many statuses are kept that match none of its messages; counted up to COUNTED and one more."""
    kept = UnmatchedStatus.objects.filter(provider=provider).values("pk")
    return kept[: COUNTED + 1].count()


def apply(found: Sequence[Found]) -> int:
    """Applies receipts in any order and repetition; what matches nothing is kept. Returns how many matched."""
    matched = _apply_to_matched(found)
    UnmatchedStatus.objects.bulk_create(
        (_kept(one) for key, one in enumerate(found) if key not in matched), ignore_conflicts=True
    )
    return len(matched)


def _apply_to_matched(found: Sequence[Found]) -> dict[int, int]:
    """Returns the message ids by the receipts' positions."""
    matched = _match(found)
    windows.close({message_id: found[key].receipt.error for key, message_id in matched.items()})
    ledger.move(_move(matched[key], one) for key, one in enumerate(found) if key in matched)
    told: dict[int, datetime] = {}
    for key, message_id in matched.items():
        if found[key].receipt.opted_out:
            told[message_id] = max(found[key].received_at, told.get(message_id, found[key].received_at))
    _opt_out(told)
    return matched


BY_OUR_ID = """
SELECT w.n, m.id FROM json_to_recordset(%s) AS w(n integer, provider bigint, key uuid)
JOIN providers_message m ON m.correlation_id = w.key
WHERE m.provider_id = w.provider AND m.direction = 1
"""


def _match(found: Sequence[Found]) -> dict[int, int]:
    """Message ids by the receipts' positions: by correlation id, else by the provider's id. Two queries."""
    matched = _by_our_ids(found)
    rest = {
        (one.provider_id, one.their_id)
        for key, one in enumerate(found)
        if key not in matched and one.their_id
    }
    if not rest:
        return matched
    theirs = with_their_ids(rest, Direction.OUT)
    by_their_id = {
        (row[0], row[1]): row[2] for row in theirs.values_list("provider_id", "provider_message_id", "id")
    }
    for key, one in enumerate(found):
        message_id = by_their_id.get((one.provider_id, one.their_id))
        if key not in matched and message_id:
            matched[key] = message_id
    return matched


def _by_our_ids(found: Sequence[Found]) -> dict[int, int]:
    wanted = [
        {"n": key, "provider": one.provider_id, "key": correlation_id}
        for key, one in enumerate(found)
        if (correlation_id := _ours(one.receipt.correlation_id))
    ]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(BY_OUR_ID, [records(wanted)])
        return dict(cursor.fetchall())


def _ours(text: str) -> str:
    """A correlation id as PostgreSQL reads it; "" for what is none of ours. Most need no look by Python's reader."""
    if AS_WE_WRITE_IT.fullmatch(text):
        return text
    return str(as_uuid(text) or "")


def with_their_ids(wanted: Collection[tuple[int, str]], direction: Direction) -> QuerySet[Message]:
    """Messages by (provider, provider's message id); a few more, where two providers give the same id.

    Long lists need the condition of the partial indexes spelt out: the planner cannot conclude it from them.
    """
    return Message.objects.filter(
        provider_id__in={provider for provider, _ in wanted},
        provider_message_id__in={message_id for _, message_id in wanted},
        direction=direction,
    ).exclude(provider_message_id="")


def _move(message_id: int, one: Found) -> Move:
    receipt = one.receipt
    state = State[receipt.state.upper()] if receipt.state else None
    times = {f"{stage}_at": at for stage, at in receipt.times.items() if f"{stage}_at" in STAGES.values()}
    if state:
        times.setdefault(STAGES[state], one.received_at)
    return Move(
        message_id,
        int(state or 0),
        times,
        provider_message_id=one.their_id,
        error=receipt.error,
        detail=receipt.detail,
        raw_code=receipt.raw_code[:64],
    )


def _opt_out(told: Mapping[int, datetime]) -> None:
    """Whom the provider says to have opted out joins its registry. `told`: when its callback came, by message id.

    Nobody knows any more whose number it was where the person was erased.
    """
    if not told:
        return
    messages = Message.objects.filter(pk__in=told).exclude(contact__contact__startswith=ERASED)
    people = messages.values_list("id", "provider_id", "contact__contact")
    do_not_call.opt_out(
        [
            do_not_call.OptOut(provider_id, number, told[key], "opted_out")
            for key, provider_id, number in people
        ],
        Source.PROVIDER,
    )


def _kept(one: Found) -> UnmatchedStatus:
    item: dict[str, Any] = asdict(one.receipt)
    item["times"] = {stage: at.isoformat() for stage, at in one.receipt.times.items()}
    return UnmatchedStatus(
        callback_id=one.callback_id,
        provider_id=one.provider_id,
        index=one.index,
        correlation_id=one.receipt.correlation_id[:200],
        provider_message_id=one.their_id,
        item=item,
        created_at=one.received_at,
    )


def _restored(kept: UnmatchedStatus) -> Found:
    item = dict(kept.item)
    item["times"] = {stage: datetime.fromisoformat(at) for stage, at in item["times"].items()}
    return Found(kept.provider_id, kept.callback_id, kept.created_at, kept.index, Receipt(**item))


def apply_waiting(provider: Provider, provider_message_ids: Iterable[str]) -> int:
    """Tries kept statuses again, now that an answer has recorded these ids. Returns how many matched."""
    kept = [message_id[: ledger.LONGEST_ID] for message_id in provider_message_ids]
    return _again(list(UnmatchedStatus.objects.raw(EARLIER, [provider.pk, texts(kept)])))


EARLIER = """
SELECT * FROM providers_unmatchedstatus
WHERE provider_id = %s AND provider_message_id = ANY(ARRAY(SELECT json_array_elements_text(%s::json)))
  AND provider_message_id <> '' LIMIT 1000
"""
SETTLED = """
SELECT u.id FROM providers_unmatchedstatus u
WHERE u.provider_message_id <> '' AND u.created_at > %s AND EXISTS (
    SELECT 1 FROM providers_message m
    WHERE m.provider_id = u.provider_id AND m.provider_message_id = u.provider_message_id
      AND m.direction = 1 AND m.provider_message_id <> ''
)
ORDER BY u.created_at LIMIT 1000
"""


def sweep_waiting(since: datetime) -> int:
    """Picks up kept statuses whose answer was recorded at the very same time. Returns how many matched."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [since])
        keys = [row[0] for row in cursor.fetchall()]
    return _again(list(UnmatchedStatus.objects.filter(pk__in=keys)))


def _again(waiting: Sequence[UnmatchedStatus]) -> int:
    if not waiting:
        return 0
    with transaction.atomic():
        matched = _apply_to_matched([_restored(kept) for kept in waiting])
        UnmatchedStatus.objects.filter(pk__in=[waiting[key].pk for key in matched]).delete()
    return len(matched)
