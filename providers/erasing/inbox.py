"""Erasing in the inbox: a stored callback loses the items of the person; one that is left without any goes."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Q

from providers.callbacks import intake
from providers.erasing.person import COMPACT, Note, Person
from providers.models import Callback, Erasure, QuarantinedItem, UnmatchedStatus
from providers.models.callback import CallbackState

PAGE = 1000  # callbacks a statement
# The end alone is looked for first: taking what stands between digits out of every body took nine times as long.
FIND = f"""
SELECT id FROM providers_callback
WHERE id > %(after)s AND id <= %(upto)s AND (provider_id = ANY(%(providers)s) OR provider_id IS NULL)
  AND position(%(end)s IN body) > 0
  AND strpos({COMPACT.format(text="encode(body, 'escape')")}, %(tail)s) > 0
ORDER BY id
"""  # noqa: S608 - ours


def settled(erasure: Erasure) -> bool:
    """Whether everything that came before the request has been applied: only then is all of it in the ledger."""
    waiting = Callback.objects.filter(state=CallbackState.NEW, received_at__lte=erasure.requested_at)
    return not waiting.exists()


def erase_inbox(person: Person, note: Note) -> None:
    """Takes the person's items out of every stored callback that was applied or set aside, so that no replay can
    bring anything back. Reads the inbox once, in short statements."""
    last = Callback.objects.aggregate(last=Max("pk"))["last"] or 0
    after = 0
    while after < last:
        upto = _page_end(after, last)
        for key in _found(person, after, upto):
            note("callbacks", _erase_one(person, key))
        after = upto


def _page_end(after: int, last: int) -> int:
    page = Callback.objects.filter(pk__gt=after, pk__lte=last).order_by("pk").values_list("pk", flat=True)
    return max(page[:PAGE], default=last)


def _found(person: Person, after: int, upto: int) -> list[int]:
    values: dict[str, Any] = {
        "after": after,
        "upto": upto,
        "providers": list(person.providers),
        **person.sql,
    }
    values["end"] = values["end"].encode()
    with connection.cursor() as cursor:
        cursor.execute(FIND, values)
        return [row[0] for row in cursor.fetchall()]


def _erase_one(person: Person, key: int) -> int:
    with transaction.atomic():
        locked = Callback.objects.select_for_update().exclude(state=CallbackState.NEW).filter(pk=key)
        callback = locked.first()
        if callback is None:
            return 0
        body: object = None
        with suppress(ValueError):
            body = intake.parse(bytes(callback.body))
        kept = without(person, body)
        if kept is None and body is not None and not person.is_anywhere_in(body):
            return 0
        if kept is None:
            callback.delete()
            return 1
        new, removed = kept
        if removed:
            _renumber(callback, removed)
        error = "" if person.is_in(callback.error) else callback.error
        Callback.objects.filter(pk=key).update(body=json.dumps(new).encode(), error=error)
        return 1


def without(person: Person, body: object) -> tuple[object, Sequence[int]] | None:
    """The body without the person's items, and which these were; None where nothing else is in it."""
    whole: dict[str, Any] = body if isinstance(body, dict) else {}
    listed = whole.get("data") if whole else body
    if not isinstance(listed, list):
        return None
    removed = [index for index, item in enumerate(listed) if person.is_anywhere_in(item)]
    if not removed or len(removed) == len(listed):
        return None
    kept = [item for index, item in enumerate(listed) if index not in set(removed)]
    new = {**whole, "data": kept} if whole else kept
    return None if person.is_anywhere_in(new) else (new, removed)


def _renumber(callback: Callback, removed: Sequence[int]) -> None:
    """What is kept of its items by itself goes with them, or follows them to their new places."""
    for table in (QuarantinedItem, UnmatchedStatus):
        rows = table._base_manager.filter(callback=callback)
        rows.filter(Q(index__in=removed) | Q(index__lt=0)).delete()
        for key, index in rows.order_by("index").values_list("pk", "index"):
            moved = sum(one < index for one in removed)
            if moved:
                rows.filter(pk=key).update(index=index - moved)
