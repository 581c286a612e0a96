"""Pruning of the ledger: a walk over the oldest messages, page by page, that leaves what is still needed."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from providers.keeping import progress
from providers.models import Direction, Media, MediaState, Message
from providers.states import OPEN, State

LetGo = Callable[[Sequence[int], datetime], None]
KIND = "messages"


def needed() -> Q:
    """What the wire itself still needs: on its way, unconfirmed and undecided, not taken up; what stands in the
    place of an older one that is still there, or has a file that is still there."""
    older = Message.objects.filter(sent_again_as=OuterRef("pk"))
    files = Media.objects.filter(message=OuterRef("pk")).exclude(state=MediaState.DELETED, file="")
    return (
        Q(state__in=OPEN)
        | Q(state=State.UNCERTAIN, sent_again_as=None)
        | Q(direction=Direction.IN, taken_up=False)
        | Q(Exists(older))
        | Q(Exists(files))
    )


def prune_messages(before: datetime | None, now: datetime, held: Q, let_go: LetGo) -> int:
    """Deletes messages that were made before; returns how many. Appends to no tally.

    `held`: what the layers above need of them. `let_go` gets the ids of each page inside its transaction, just
    before they are deleted. The walk goes on where the last run ended and begins anew at the end, so that what
    is held stops nobody; it reads a page of the primary key at a time, and stops at the first page that is young.
    """
    if before is None:
        return 0
    gone, after = 0, progress.position(KIND)
    for _page in range(progress.PAGES):
        page = Message.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "created_at")
        found = list(page[: progress.PAGE])
        old = [key for key, created_at in found if created_at < before]
        if old:
            gone += _prune_page(old, now, held, let_go)
        if not old or len(found) < progress.PAGE:
            after = 0
            break
        after = found[-1][0]
    return progress.note(KIND, gone, now, after)


def _prune_page(old: Sequence[int], now: datetime, held: Q, let_go: LetGo) -> int:
    with transaction.atomic():
        free = list(
            Message.objects.filter(pk__in=old)
            .exclude(needed() | held)
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=True)
            .values_list("pk", flat=True)
        )
        if free:
            let_go(free, now)
            Message.objects.filter(pk__in=free).only("pk").delete()
    return len(free)
