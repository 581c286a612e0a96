"""Keeping of bases: rows go with their messages, then what else a base that ended long ago holds; its counts stay."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dialers.models import Base, BaseState, InvalidLine, Row
from providers.errors import Refusal
from providers.keeping import progress
from providers.models import Message
from providers.states import State

KIND = "bases"


def ended(before: datetime) -> Q:
    """Bases that came to their end before, or failed to load and were left so."""
    return Q(state__in=[BaseState.FINISHED, BaseState.CANCELLED], finished_at__lt=before) | Q(
        state=BaseState.FAILED, created_at__lt=before
    )


def held(before: datetime) -> Q:
    """The messages of bases that have not ended by then."""
    return Q(batch__isnull=False) & Q(
        Exists(Base.objects.filter(pk=OuterRef("batch")).exclude(ended(before)))
    )


def let_go(message_ids: Sequence[int], now: datetime) -> None:
    """Removes the rows of messages that are about to be deleted, and notes since when their bases lack some."""
    rows = Row.objects.filter(message__in=message_ids)
    bases = sorted(set(rows.values_list("base", flat=True)))
    if bases:
        rows.delete()
        _note(Base.objects.filter(pk__in=bases), now)


def _note(bases: QuerySet[Base], now: datetime) -> None:
    bases.filter(pruned_at=None).update(pruned_at=now)


def prune_bases(before: datetime | None, now: datetime) -> int:
    """Removes what is left of bases that ended before and whose messages are gone: rows that never became one,
    invalid lines, the uploaded file. At most so many pages; returns how many rows and lines."""
    if before is None:
        return 0
    gone, pages = 0, progress.PAGES
    for base in Base.objects.filter(_holds_something(), ended(before)).order_by("pk")[:pages]:
        if Message.objects.filter(batch=base.pk).exclude(state=State.UNCERTAIN).exists():
            continue  # the walk over the ledger is still at it
        while pages:
            n = _prune_page(base, now)
            if not n:
                _drop_file(base, now)
                break
            gone, pages = gone + n, pages - 1
    return progress.note(KIND, gone, now)


def _holds_something() -> Q:
    rows = Row.objects.filter(base=OuterRef("pk"), message=None)
    lines = InvalidLine.objects.filter(base=OuterRef("pk"))
    return ~Q(file="") | Q(Exists(rows)) | Q(Exists(lines))


def _prune_page(base: Base, now: datetime) -> int:
    with transaction.atomic():
        n = 0
        for table in (Row.objects.filter(base=base, message=None), InvalidLine.objects.filter(base=base)):
            oldest = table.order_by("line").select_for_update(skip_locked=True).values_list("pk", flat=True)
            keys = list(oldest[: progress.PAGE - n])
            table.model._base_manager.filter(pk__in=keys).delete()
            n += len(keys)
        if n:
            _note(Base.objects.filter(pk=base.pk), now)
    return n


def _drop_file(base: Base, now: datetime) -> None:
    """What the page shows of its first lines, then the file; its name last, so that a crash forgets no file."""
    named = Base.objects.filter(pk=base.pk)
    with transaction.atomic():
        locked = named.select_for_update(no_key=True).get()
        named.update(found={**locked.found, "sample": []})
        _note(named, now)
    if base.file:
        base.file.storage.delete(str(base.file.name))
        named.update(file="")


def require_kept(base: Base) -> None:
    """Raises Refusal `pruned` (410) where its rows are no longer kept."""
    if base.pruned_at:
        raise Refusal("pruned", pruned(base), status=410)


def pruned(base: Base) -> str:
    """That its rows are no longer kept, in the reader's language and zone; "" while they are."""
    if base.pruned_at is None:
        return ""
    return _("The rows of this base were removed on %(date)s, as the keeping rules say. Its counts stay.") % {
        "date": date_format(localtime(base.pruned_at), "DATE_FORMAT")
    }
