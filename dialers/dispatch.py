"""Dispatch: claims rows as queued messages and sends them chunk by chunk, inside the hours, at the pace."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import connection, transaction
from django.db.models import Q

from dialers.hours import may_send
from dialers.models import Base, BaseState, Dialer, Row, RowState
from providers import ledger, pace, tally
from providers.contacts import contacts_for
from providers.drivers.base import Verdict
from providers.errors import Refusal
from providers.limits import people_left
from providers.locks import Lock, advisory_lock
from providers.models import Message, Provider
from providers.models.message import Kind
from providers.numbers import canonical
from providers.sending import Report, RetryPolicy, send_chunk
from providers.states import OPEN, PENDING, SKIPPED, State
from providers.templates import TemplateBook

CHUNK = 500  # messages claimed at a time
TURN_SECONDS = 5.0  # how long one base keeps a worker before others get their turn
SHORT_WAIT = 0.5  # seconds worth waiting for a token inside a turn
UNREACHABLE_HOLD = 5  # seconds
SLOWER_HOLD = 1  # seconds, where the provider takes some and asks for patience with others

CLAIMED = """
UPDATE dialers_row AS r SET state = 1, message_id = v.message
FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, message) WHERE r.id = v.id
"""


def dispatch(base_id: int, clock: Callable[[], datetime]) -> None:
    """One turn of a running base: sends until it is done, has to wait, or its turn is over. One worker a base."""
    with advisory_lock(Lock.BASE, base_id) as free:
        ends = time.monotonic() + TURN_SECONDS
        while free and time.monotonic() < ends:
            base = Base.objects.select_related("dialer__provider").filter(pk=base_id).first()
            if base is None or base.state != BaseState.RUNNING or may_send(base, clock()):
                return
            if not _step(base, clock):
                return


def rates(dialer: Dialer) -> dict[str, float]:
    """The buckets that a dialer's messages draw from, with their tokens a second."""
    gap = dialer.time_between_messages
    return {
        f"dialer:{dialer.pk}": 1000 / gap if gap else 0.0,
        f"provider:{dialer.provider_id}": float(dialer.provider.messages_per_second),
    }


def _step(base: Base, clock: Callable[[], datetime]) -> bool:
    """One chunk; False when the turn is over: nothing to do now, or nothing may leave for a while."""
    if not _work_left(base, clock()):
        return False
    buckets = rates(base.dialer)
    grant = pace.take(buckets, CHUNK)
    if not grant.tokens:
        time.sleep(min(grant.wait, SHORT_WAIT))
        return grant.wait <= SHORT_WAIT
    messages = due(base, grant.tokens, clock())
    if len(messages) < grant.tokens:
        messages += claim(base, grant.tokens - len(messages), clock())
    pace.give_back(buckets, grant.tokens - len(messages))
    if not messages:
        return False
    report = send_chunk(
        base.dialer.provider,
        messages,
        clock,
        policy=RetryPolicy(base.dialer.attempts, timedelta(seconds=base.dialer.retry_after)),
        external=base.dialer.dncr,
        may_go_on=partial(_may_go_on, base, clock),
    )
    skip_left_over(base.pk)
    return not _hold_back(base, report)


def _may_go_on(base: Base, clock: Callable[[], datetime]) -> bool:
    """Asked while a chunk leaves: a pause, a suspension or the end of the hours holds back the rest of it."""
    running = Base.objects.filter(
        pk=base.pk, state=BaseState.RUNNING, dialer__provider__suspended_at=None
    ).exists()
    return running and not may_send(base, clock())


def _hold_back(base: Base, report: Report) -> bool:
    """Slows down, waits or pauses as the provider's answers ask for; True when the turn is over."""
    if report.saw(Verdict.CREDENTIALS):
        pause_for_provider(base.dialer.provider_id)
    if report.saw(Verdict.SLOW_DOWN):
        # Longer and longer only while it takes nothing at all: a base must not crawl for a few odd answers.
        seconds = SLOWER_HOLD if report.saw(Verdict.ACCEPTED) else None
        pace.hold(base.dialer.provider_id, "pace", seconds=seconds)
    if report.saw(Verdict.NOT_SENT):
        pace.hold(base.dialer.provider_id, "provider", seconds=UNREACHABLE_HOLD)
    return report.must_stop or report.saw(Verdict.SLOW_DOWN)


def pause_for_provider(provider_id: int) -> int:
    """Pauses every running base of a provider that turns away its credentials; the rows wait. Returns how many."""
    running = Base.objects.filter(dialer__provider_id=provider_id, state=BaseState.RUNNING)
    with transaction.atomic():
        keys = list(
            running.order_by("id").select_for_update(of=("self",), no_key=True).values_list("id", flat=True)
        )
        return Base.objects.filter(pk__in=keys).update(state=BaseState.PAUSED, reason="credentials")


def _work_left(base: Base, now: datetime) -> bool:
    """Whether something may be sent now. A base with nothing left at all is finished here."""
    if Row.objects.filter(base=base, state=RowState.PENDING).exists():
        return True
    open_messages = Message.objects.filter(batch=base.pk, state__in=OPEN)
    if open_messages.filter(Q(not_before=None) | Q(not_before__lte=now), state=State.QUEUED).exists():
        return True
    if not open_messages.exists():
        finish(base, now)
    return False


def look_round(now: datetime) -> list[int]:
    """The running bases of which something may leave now.

    On the way: those that stand still but have nothing left are finished, those whose provider is suspended
    paused, and what a worker left behind in cancelled ones is skipped.
    """
    moving: list[int] = []
    for base in Base.objects.filter(state=BaseState.RUNNING).select_related("dialer__provider"):
        if base.dialer.provider.suspended_at:
            pause_for_provider(base.dialer.provider_id)
        elif not may_send(base, now):
            moving.append(base.pk)
        else:
            _work_left(base, now)
    queued = Message.objects.filter(batch__isnull=False, state=State.QUEUED).values("batch")
    for base_id in Base.objects.filter(state=BaseState.CANCELLED, pk__in=queued).values_list("pk", flat=True):
        skip_left_over(base_id)
    return moving


def skip_left_over(base_id: int) -> None:
    """What came back unsent after its base was cancelled is skipped like the rest; other bases stay as they are."""
    with transaction.atomic():
        locked = (
            Base.objects.select_for_update(no_key=True).filter(pk=base_id, state=BaseState.CANCELLED).first()
        )
        if locked:
            skip_waiting(locked)


def skip_waiting(base: Base) -> None:
    """Turns what is pending or queued of a locked base into `skipped`; what has left keeps its state."""
    pending = Row.objects.filter(base=base, state=RowState.PENDING).update(state=RowState.SKIPPED)
    queued = list(
        Message.objects.filter(batch=base.pk, state=State.QUEUED)
        .order_by("id")
        .select_for_update(of=("self",))
        .values_list("id", flat=True)
    )
    Row.objects.filter(message_id__in=queued).update(state=RowState.SKIPPED, message=None)
    Message.objects.filter(id__in=queued).delete()
    tally.append(
        {
            (base.pk, PENDING): -pending,
            (base.pk, int(State.QUEUED)): -len(queued),
            (base.pk, SKIPPED): pending + len(queued),
        }
    )


def finish(base: Base, now: datetime) -> None:
    """Ends a running base whose every row is at an end; looks again under its lock."""
    with transaction.atomic():
        locked = Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        busy = (
            Row.objects.filter(base=base, state=RowState.PENDING).exists()
            or Message.objects.filter(batch=base.pk, state__in=OPEN).exists()
        )
        if locked.state == BaseState.RUNNING and not busy:
            locked.state, locked.finished_at, locked.reason = BaseState.FINISHED, now, ""
            locked.save(update_fields=["state", "finished_at", "reason"])


def due(base: Base, limit: int, now: datetime) -> list[Message]:
    """Messages of the base that were claimed before and may leave now: after a crash, a pause or a retry's wait."""
    waiting = Message.objects.filter(batch=base.pk, state=State.QUEUED).filter(
        Q(not_before=None) | Q(not_before__lte=now)
    )
    return list(waiting.select_related("contact").order_by("id")[:limit])


def claim(base: Base, limit: int, now: datetime) -> list[Message]:
    """Turns the next pending rows (priority, then file order) into queued messages, in one transaction."""
    with transaction.atomic():
        locked = Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        if locked.state != BaseState.RUNNING:
            return []
        limit = _within_the_day(base.dialer.provider, limit, now)
        rows = list(
            Row.objects.filter(base=base, state=RowState.PENDING)
            .order_by("priority", "line")
            .select_for_update(skip_locked=True)[:limit]
        )
        if not rows:
            return []
        provider = base.dialer.provider
        contacts = contacts_for(provider, [row.address for row in rows])
        templates = TemplateBook(provider)
        drafts = [
            ledger.Draft(
                contacts[canonical(row.address)],
                row.kind,
                row.content,
                rendered(templates, row),
                address=row.address,
                author_id=locked.started_by_id,
                batch=base.pk,
            )
            for row in rows
        ]
        messages = ledger.queue(provider, drafts, now)
        with connection.cursor() as cursor:
            cursor.execute(CLAIMED, [[row.pk for row in rows], [message.pk for message in messages]])
        tally.append({(base.pk, PENDING): -len(rows)})
    return messages


def _within_the_day(provider: Provider, limit: int, now: datetime) -> int:
    """As many as the provider's daily limit leaves. Claims of its bases take turns while it has one."""
    if not provider.daily_limit:
        return limit
    Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
    return min(limit, people_left(provider, now) or 0)


def rendered(templates: TemplateBook, row: Row) -> str:
    """A row as the customer will read it."""
    if row.kind != Kind.HSM:
        return str(row.content["text"])
    try:
        template = templates.find(row.content["code"], row.content["language"])
    except Refusal:
        # The gate turns it away with this reason; until then the page shows what it was.
        return str(row.content["code"])
    return template.render(row.content["parameters"])
