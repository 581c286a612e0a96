"""Claiming: the next rows of a base become messages that leave at once, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection, transaction
from django.db.models import Q

from dialers.hours import by_its_dates
from dialers.models import Base, BaseState, Row
from dialers.recycling import skip_those_who_answered
from providers import caps, correlation, gate, limits
from providers.contacts import people_at
from providers.departures import Departure, enter
from providers.errors import Refusal
from providers.models import Message
from providers.models.message import Kind
from providers.records import bigints
from providers.sending import Leaving, Stream, lease, through_the_gate
from providers.sending.outcomes import content_of
from providers.states import PENDING, State
from providers.templates import TemplateBook

# Past what this turn has claimed: of the rows before, none waits, but the index remembers them for a while.
# What another claim holds is left to it.
NEXT = """
SELECT id, contact, address, kind, content::text, priority, line FROM dialers_row
WHERE base_id = %s AND state = 0 AND (priority, line) > (%s, %s) ORDER BY priority, line LIMIT %s
FOR NO KEY UPDATE SKIP LOCKED
"""
# Claims share it; whoever acts on the base holds it alone, and may wait for the rows: so nobody waits here.
STANDS = """
SELECT state, start_at, valid_until FROM dialers_base WHERE id = %s FOR SHARE SKIP LOCKED
"""
CLAIMED = """
UPDATE dialers_row AS r SET state = 1, message_id = v.message
FROM unnest(%s::bigint[], %s::bigint[]) AS v(id, message) WHERE r.id = v.id
"""


@dataclass(slots=True)
class Pending:
    """A row that waits, with what the wire needs of it."""

    id: int
    contact: str
    address: str
    kind: str
    json: str
    place: tuple[int, int]  # priority and line
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim took: rows in all, those that leave now, and the place (priority, line) of the last row."""

    rows: int = 0
    leaving: Sequence[Leaving] = ()
    place: tuple[int, int] = (0, 0)


def due(base: Base, stream: Stream, most: int, now: datetime) -> int:
    """Offers messages that were claimed before and may leave now, after a crash, a pause or a retry's wait."""
    waiting = Message.objects.filter(batch=base.pk, listed_state=State.QUEUED).filter(
        Q(not_before=None) | Q(not_before__lte=now)
    )
    messages = list(waiting.select_related("contact").order_by("id")[: min(most, stream.free_requests)])
    if messages:
        dialer = base.dialer
        leaving = through_the_gate(
            dialer.provider,
            messages,
            now,
            stream.report,
            external=dialer.dncr,
            capped=_of_another_day(messages, now) if base.cap_override_at is None else frozenset(),
        )
        stream.offer(leaving)
    return len(messages)


def _of_another_day(messages: Sequence[Message], now: datetime) -> frozenset[int]:
    """Those that have no place yet among what their people may get today."""
    midnight = caps.midnight(now)
    return frozenset(message.pk for message in messages if message.created_at < midnight)


def claim(
    base: Base,
    stream: Stream,
    most: int,
    after: tuple[int, int] = (0, 0),
    templates: TemplateBook | None = None,
) -> Claim:
    """Takes up to `most` of the next pending rows (priority, then file order), as many as the stream has room for.

    Each passes the gate and is committed as `submitting`, or as refused with the reason; whoever calls it
    lets them leave at once. `after`: the place that an earlier claim of the same turn came to. `templates`:
    the provider's, where they were read a moment ago.
    Claims hold their rows, and share the base while they commit; what acts on the base holds it alone. A claim
    that meets such an act takes nothing.
    """
    now = stream.clock()
    with transaction.atomic():
        alone = _held_alone(base)
        found = rows = _next(base, stream, most, after)
        answered = skip_those_who_answered(alone or base, {row.id: row.contact for row in rows})
        rows = [row for row in rows if row.id not in answered]
        departures = _departures(base, rows, now, templates)
        people = [None if one.refusal else one.contact.pk for one in departures]
        fitting = limits.admit(base.dialer.provider, people, now)
        rows, departures = rows[:fitting], departures[:fitting]
        ids = _enter(base, rows, departures, now)
        if not _stands(base, now):
            transaction.set_rollback(True)
            return Claim()
    if not rows:
        return Claim(len(answered), (), found[-1].place) if len(answered) == len(found) > 0 else Claim()
    contents = {
        row.json: content_of(row.kind, row.content) for row in {row.json: row for row in rows}.values()
    }
    leaving = [
        Leaving(key, one.correlation_id, one.address, contents[row.json])
        for key, one, row in zip(ids, departures, rows, strict=True)
        if one.refusal is None
    ]
    stream.report.gated += len(rows) - len(leaving)
    return Claim(len(rows), leaving, rows[-1].place)


def _held_alone(base: Base) -> Base | None:
    """A base that was made out of another one, locked: a claim may change it, as it leaves out who answered."""
    if base.recycled_from_id is None:
        return None
    return Base.objects.select_for_update(no_key=True).get(pk=base.pk)


def _stands(base: Base, now: datetime) -> bool:
    """Whether the base still runs; then it does until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [base.pk])
        row = cursor.fetchone()
    if row is None:
        return False
    state, base.start_at, base.valid_until = row
    return state == BaseState.RUNNING and not by_its_dates(base, now)


def _enter(base: Base, rows: Sequence[Pending], departures: Sequence[Departure], now: datetime) -> list[int]:
    """Writes the messages of rows; returns their ids in the same order."""
    if not rows:
        return []
    ids = enter(
        base.dialer.provider,
        departures,
        batch=base.pk,
        counted_as=PENDING,
        author_id=base.started_by_id,
        lease_until=lease(now),
        now=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, [bigints(row.id for row in rows), bigints(ids)])
    return ids


def _next(base: Base, stream: Stream, most: int, after: tuple[int, int]) -> list[Pending]:
    """The next rows that fit into the free requests of the stream: those of one content share a request, or any."""
    room = min(most, stream.free_messages)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [base.pk, *after, min(room, stream.reach)])
        found = cursor.fetchall()
    # Rows of one content share it, and so whatever is found of it.
    contents = {text: orjson.loads(text) for text in {row[4] for row in found}}
    rows = [
        Pending(key, contact, address, kind, text, (priority, line), contents[text])
        for key, contact, address, kind, text, priority, line in found
    ]
    free = stream.free_requests
    filled: dict[str, int] = {}
    fitting: list[Pending] = []
    for row in rows:
        shared = "" if stream.mixed else row.json
        n = filled.get(shared, 0)
        if n % stream.most == 0:  # the first of a request
            if not free:
                break
            free -= 1
        filled[shared] = n + 1
        fitting.append(row)
    stream.learn(len(fitting), stream.free_requests - free)
    return fitting


def _departures(
    base: Base, rows: Sequence[Pending], now: datetime, templates: TemplateBook | None
) -> list[Departure]:
    if not rows:
        return []
    provider = base.dialer.provider
    every = frozenset(row.id for row in rows)
    people = people_at(provider, {row.contact: row.address for row in rows})
    templates = templates or TemplateBook(provider)
    refused = gate.check(
        provider,
        [gate.Candidate(row.id, people[row.contact], row.address, row.kind, row.content) for row in rows],
        now,
        external=every if base.dialer.dncr else frozenset(),
        capped=every if base.cap_override_at is None else frozenset(),
        templates=templates,
    )
    texts = {row.json: rendered(templates, row) for row in {row.json: row for row in rows}.values()}
    return [
        Departure(
            people[row.contact],
            row.address,
            row.kind,
            row.json,
            texts[row.json],
            correlation_id,
            refused.get(row.id),
        )
        for row, correlation_id in zip(rows, correlation.fresh(len(rows)), strict=True)
    ]


def rendered(templates: TemplateBook, row: Row | Pending) -> str:
    """A row as the customer will read it."""
    if row.kind != Kind.HSM:
        return str(row.content["text"])
    try:
        template = templates.find(row.content["code"], row.content["language"])
    except Refusal:
        # The gate turns it away with this reason; until then the page shows what it was.
        return str(row.content["code"])
    return template.render(row.content["parameters"])
