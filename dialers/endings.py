"""How a base ends: finished, out of its time, cancelled; and what then happens to what has not left."""

from datetime import datetime

from django.db import connection, transaction

from dialers.models import Base, BaseState, Row, RowState
from dialers.recycling import LEFT_OUT
from providers import tally, unconfirmed
from providers.models import Message
from providers.states import OPEN, PENDING, SKIPPED, State

# A reason of a base: it was not sent whole before its *valid until*.
OUT_OF_TIME = "valid_until"

# The rows of some messages get others.
FOLLOW = """
UPDATE dialers_row AS r SET message_id = v.new
FROM unnest(%s::bigint[], %s::bigint[]) AS v(old, new) WHERE r.message_id = v.old
"""


def skip_left_over(base_id: int) -> None:
    """What came back unsent after its base was cancelled is skipped like the rest; other bases stay as they are."""
    with transaction.atomic():
        locked = (
            Base.objects.select_for_update(no_key=True).filter(pk=base_id, state=BaseState.CANCELLED).first()
        )
        if locked:
            skip_waiting(locked)


def skip_waiting(base: Base) -> None:
    """Turns what is pending or queued of a locked base into `skipped`; what has left keeps its state.

    What was to go again is unconfirmed again: its first message may have left.
    """
    pending = Row.objects.filter(base=base, state=RowState.PENDING).update(state=RowState.SKIPPED)
    queued = list(
        Message.objects.filter(batch=base.pk, listed_state=State.QUEUED)
        .order_by("id")
        .select_for_update(of=("self",))
        .values_list("id", flat=True)
    )
    placed = unconfirmed.take_back(base.pk, queued)
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, [list(placed), list(placed.values())])
    skipped = Row.objects.filter(message_id__in=queued).update(state=RowState.SKIPPED, message=None)
    Message.objects.filter(id__in=queued).delete()
    tally.append(
        {
            (base.pk, PENDING): -pending,
            (base.pk, int(State.QUEUED)): -len(queued),
            (base.pk, SKIPPED): pending + skipped,
        }
    )


def finish(base: Base, now: datetime) -> None:
    """Ends a running base whose every row is at an end; looks again under its lock."""
    with transaction.atomic():
        locked = Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        if locked.state == BaseState.RUNNING and not _waits(locked) and not _leaves(locked):
            _end(locked, now)


def over(now: datetime) -> list[int]:
    """The started bases that are valid no more."""
    started = Base.objects.filter(state__in=[BaseState.RUNNING, BaseState.PAUSED], valid_until__lte=now)
    return list(started.order_by("id").values_list("id", flat=True))


def end_if_over(base_id: int, now: datetime) -> None:
    """Skips what is left of a started base that is valid no more, and ends it once nothing of it is in flight.

    Harmless for every other base. Call it again while something is in flight: what comes back unsent is skipped then.
    """
    with transaction.atomic():
        started = Base.objects.filter(state__in=[BaseState.RUNNING, BaseState.PAUSED], valid_until__lte=now)
        locked = started.select_for_update(no_key=True).filter(pk=base_id).first()
        if locked is None:
            return
        if _waits(locked):
            skip_waiting(locked)
            locked.reason = OUT_OF_TIME
            locked.save(update_fields=["reason"])
        if not _leaves(locked):
            _end(locked, now)


def _end(base: Base, now: datetime) -> None:
    """Ends a locked base; that it ran out of its time stays with it.

    One that was cancelled before something of it was sent again ends cancelled, whatever became of that.
    """
    skipped = tally.read([base.pk])[base.pk]["skipped"] - base.found.get(LEFT_OUT, 0)
    cancelled = base.reason != OUT_OF_TIME and skipped > 0
    base.state, base.finished_at = BaseState.CANCELLED if cancelled else BaseState.FINISHED, now
    base.reason = base.reason if base.reason == OUT_OF_TIME else ""
    base.save(update_fields=["state", "finished_at", "reason"])


def _waits(base: Base) -> bool:
    return (
        Row.objects.filter(base=base, state=RowState.PENDING).exists()
        or Message.objects.filter(batch=base.pk, listed_state=State.QUEUED).exists()
    )


def _leaves(base: Base) -> bool:
    return Message.objects.filter(batch=base.pk, listed_state__in=OPEN).exists()
