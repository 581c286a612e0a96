"""The ledger's moves: queue, submit, requeue, and the one monotonic move of states."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from providers import correlation, live, reasons, tally
from providers.errors import Refusal
from providers.models import Contact, Direction, Message, Provider
from providers.records import bigints, records
from providers.states import REPLIED, STAGES, TROUBLE, State

LONGEST_ID = 200  # characters of a provider's message id that are kept and matched


@dataclass(frozen=True, slots=True)
class Draft:
    """An outgoing message to be. `content` as in Message; `address` overrides the contact's.

    `opt_out`: it confirms to somebody that they opted out.
    """

    contact: Contact
    kind: str
    content: dict[str, Any]
    text: str
    address: str = ""
    author_id: int | None = None
    batch: int | None = None
    opt_out: bool = False


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Move:
    """One event of one message. A state of 0 moves nothing but keeps the raw code."""

    message_id: int
    state: int
    times: dict[str, datetime] = field(default_factory=dict)
    provider_message_id: str = ""
    error: str = ""
    detail: str = ""
    raw_code: str = ""


def queue(provider: Provider, drafts: Sequence[Draft], now: datetime) -> list[Message]:
    """Writes outgoing messages as queued, each with its correlation id, and counts them. One INSERT."""
    messages = [
        Message(
            provider=provider,
            contact=draft.contact,
            direction=Direction.OUT,
            did=provider.number,
            address=draft.address or draft.contact.address,
            kind=draft.kind,
            content=draft.content,
            text=draft.text,
            correlation_id=UUID(correlation_id),
            author_id=draft.author_id,
            batch=draft.batch,
            opt_out=draft.opt_out,
            created_at=now,
        )
        for draft, correlation_id in zip(drafts, correlation.fresh(len(drafts)), strict=True)
    ]
    with transaction.atomic():
        Message.objects.bulk_create(messages)
        tally.append(Counter((draft.batch, int(State.QUEUED)) for draft in drafts if draft.batch is not None))
        live.tell_contacts(draft.contact.pk for draft in drafts if draft.batch is None)
    return messages


def submit(message_ids: Iterable[int], lease_until: datetime, now: datetime) -> list[int]:
    """Commits `submitting` for those that are still queued, just before their requests leave; returns their ids."""
    with transaction.atomic():
        ready = list(
            Message.objects.filter(id__in=list(message_ids), state=State.QUEUED)
            .order_by("id")
            .select_for_update(of=("self",))
            .values_list("id", "batch")
        )
        Message.objects.filter(id__in=[row[0] for row in ready]).update(
            state=State.SUBMITTING, submitting_at=now, lease_until=lease_until, attempts=F("attempts") + 1
        )
        tally.append(tally.moved((batch, State.QUEUED, State.SUBMITTING) for _, batch in ready))
    return [row[0] for row in ready]


def requeue(
    message_ids: Iterable[int], not_before: datetime, *, error: str, detail: str = "", refund: bool = True
) -> list[int]:
    """The one move back: `submitting` to `queued` for what is known not to have left.

    `refund` gives the attempt back. What a callback has moved on meanwhile stays as it is. Returns the ids moved.
    """
    with transaction.atomic():
        back = list(
            Message.objects.filter(id__in=list(message_ids), state=State.SUBMITTING)
            .order_by("id")
            .select_for_update(of=("self",))
            .values_list("id", "batch")
        )
        Message.objects.filter(id__in=[row[0] for row in back]).update(
            state=State.QUEUED,
            not_before=not_before,
            lease_until=None,
            submitting_at=None,
            error=error,
            error_detail=detail,
            attempts=F("attempts") - 1 if refund else F("attempts"),
        )
        tally.append(tally.moved((batch, State.SUBMITTING, State.QUEUED) for _, batch in back))
    return [row[0] for row in back]


def folded(moves: Iterable[Move]) -> list[Move]:
    """At most one move a message, in id order: the highest state, the earliest time of each stage."""
    merged: dict[int, Move] = {}
    for move in moves:
        known = merged.get(move.message_id)
        merged[move.message_id] = _merge(known, move) if known else move
    return [merged[key] for key in sorted(merged)]


def _merge(one: Move, other: Move) -> Move:
    times = dict(one.times)
    for stage, at in other.times.items():
        times[stage] = min(at, times.get(stage, at))
    said = min(one, other, key=_rank)
    return replace(
        said,
        times=times,
        provider_message_id=one.provider_message_id or other.provider_message_id,
        raw_code=max(one.raw_code, other.raw_code, key=_weight),
    )


def _rank(move: Move) -> tuple[int, bool, str, bool, str]:
    return (-move.state, not move.error, move.error, not move.detail, move.detail)


def _weight(code: str) -> tuple[int, str]:
    return (len(code), code)


def sql_weight(code: str) -> str:
    """SQL that orders raw codes: a failure's three digits outweigh a success's one. Python's is `_weight`."""
    return f'(length({code}), {code} COLLATE "C")'


def sql_rank(error: str, detail: str) -> str:
    """SQL that orders what two events of one state say; the first wins. Python's is `_rank`."""
    return f"""({error} = '', {error} COLLATE "C", {detail} = '', {detail} COLLATE "C")"""


COLUMNS = tuple(STAGES.values())
# Nothing a late event says may undo a later state, so the error too follows the highest state.
WINS = (
    "v.state > m.state"
    f" OR (v.state = m.state AND {sql_rank('v.error', 'v.detail')} < {sql_rank('m.error', 'm.error_detail')})"
)
MOVE = f"""
UPDATE providers_message AS m SET
    state = GREATEST(m.state, v.state),
    {", ".join(f"{column} = LEAST(m.{column}, v.{column})" for column in COLUMNS)},
    provider_message_id = CASE WHEN m.provider_message_id = '' THEN v.pmid ELSE m.provider_message_id END,
    raw_code = CASE WHEN {sql_weight("v.raw_code")} > {sql_weight("m.raw_code")} THEN v.raw_code ELSE m.raw_code END,
    error = CASE WHEN {WINS} THEN v.error ELSE m.error END,
    error_detail = CASE WHEN {WINS} THEN v.detail ELSE m.error_detail END
FROM json_to_recordset(%s) AS v(
    id bigint, state smallint, pmid text, error text, detail text, raw_code text,
    {", ".join(f"{column} timestamptz" for column in COLUMNS)}
)
WHERE m.id = v.id
"""  # noqa: S608 - column names are ours
HOLD = """
SELECT id, batch, state, error, contact_id FROM providers_message
WHERE id = ANY(%s::bigint[]) AND direction = 1 ORDER BY id FOR UPDATE
"""


def move(moves: Iterable[Move]) -> int:
    """Applies events as snapshots: any order, any repetition, one end state. Returns how many messages it touched."""
    batch = folded(moves)
    if not batch:
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(HOLD, [bigints(one.message_id for one in batch)])
            before = {row[0]: row[1:] for row in cursor.fetchall()}
            batch = [one for one in batch if one.message_id in before]
            cursor.execute(
                MOVE,
                [
                    records(
                        {
                            "id": one.message_id,
                            "state": one.state,
                            "pmid": one.provider_message_id[:LONGEST_ID],
                            "error": one.error,
                            "detail": one.detail[:500],
                            "raw_code": one.raw_code[:64],
                            **{stage: at.isoformat() for stage, at in one.times.items()},
                        }
                        for one in batch
                    )
                ],
            )
        tally.append(
            tally.moved(
                (
                    before[one.message_id][0],
                    before[one.message_id][1],
                    max(before[one.message_id][1], one.state),
                )
                for one in batch
            )
        )
        reasons.append(
            (before[one.message_id][0], before[one.message_id][1:3], (one.state, one.error)) for one in batch
        )
        live.tell_contacts(
            before[one.message_id][3] for one in batch if _seen(one, *before[one.message_id][1:3])
        )
    return len(batch)


def _seen(move: Move, state: int, error: str) -> bool:
    """Whether a page that shows the message has something new to show."""
    return move.state > state or (move.state == state and move.error != error)


SOON_ON_DISK = "SET LOCAL synchronous_commit TO off;"
ACCEPT = """
WITH held AS (
    SELECT id, batch, state, error FROM providers_message WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR UPDATE
), moved AS (
    UPDATE providers_message AS m SET
        state = GREATEST(m.state, %(accepted)s),
        accepted_at = LEAST(m.accepted_at, %(now)s),
        provider_message_id = CASE WHEN m.provider_message_id = '' THEN v.pmid ELSE m.provider_message_id END,
        error = CASE WHEN m.state < %(accepted)s THEN '' ELSE m.error END,
        error_detail = CASE WHEN m.state < %(accepted)s THEN '' ELSE m.error_detail END
    FROM held JOIN json_to_recordset(%(taken)s) AS v(id bigint, pmid text) ON v.id = held.id WHERE m.id = held.id
), risen AS (
    SELECT batch, state, error, count(*) AS n FROM held
    WHERE batch IS NOT NULL AND state < %(accepted)s GROUP BY batch, state, error
), counted AS (
    INSERT INTO providers_tallydelta (batch, state, n)
    SELECT batch, state, -n FROM risen UNION ALL SELECT batch, %(accepted)s, sum(n) FROM risen GROUP BY batch
)
INSERT INTO providers_errordelta (batch, state, error, n)
SELECT batch, state, error, -n FROM risen WHERE state = ANY(%(trouble)s)
"""


def accept(taken: Sequence[tuple[int, str]], now: datetime) -> None:
    """`move` to `accepted` for (message id, provider's message id) pairs: what most messages of a base do.

    One statement, the tallies with it. By itself its commit does not wait for the disk: the next claim's does, for
    both. What a power cut takes back was in flight at the latest claim, and is unconfirmed like the rest of it.
    """
    if not taken:
        return
    values: dict[str, Any] = {
        "ids": bigints(key for key, _ in taken),
        "taken": records({"id": key, "pmid": pmid[:LONGEST_ID]} for key, pmid in taken),
        "accepted": int(State.ACCEPTED),
        "trouble": [int(state) for state in TROUBLE],
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(ACCEPT if connection.in_atomic_block else SOON_ON_DISK + ACCEPT, values)


REPLIED_AT = """
UPDATE providers_message AS m SET replied_at = LEAST(m.replied_at, v.at)
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(id, at) WHERE m.id = v.id
"""


def mark_replied(answers: Mapping[int, datetime]) -> None:
    """Notes the first answer to outgoing messages, by id; each counts once, in its tally too. Three queries."""
    if not answers:
        return
    with transaction.atomic():
        rows = list(
            Message.objects.filter(id__in=list(answers))
            .order_by("id")
            .select_for_update(of=("self",))
            .values_list("id", "batch", "replied_at")
        )
        with connection.cursor() as cursor:
            cursor.execute(REPLIED_AT, [[row[0] for row in rows], [answers[row[0]] for row in rows]])
        tally.append(
            Counter((batch, REPLIED) for _, batch, known in rows if known is None and batch is not None)
        )


def refuse(reasons: Mapping[int, Refusal], now: datetime) -> int:
    """Ends queued messages that may not leave, each for its reason; what left meanwhile stays. Returns how many."""
    with transaction.atomic():
        queued = (
            Message.objects.filter(id__in=list(reasons), state=State.QUEUED)
            .order_by("id")
            .select_for_update(of=("self",))
            .values_list("id", flat=True)
        )
        return move(
            Move(
                key,
                State.REFUSED,
                {"refused_at": now},
                error=reasons[key].code,
                detail=reasons[key].detail,
            )
            for key in queued
        )


def expire_leases(now: datetime, limit: int = 1000) -> int:
    """`submitting` past its lease becomes `uncertain`: nobody can know whether it left. Returns how many.

    What somebody else is just settling is left to them.
    """
    with transaction.atomic():
        stale = (
            Message.objects.filter(listed_state=State.SUBMITTING, lease_until__lt=now)
            .order_by("id")
            .select_for_update(of=("self",), skip_locked=True)
            .values_list("id", flat=True)[:limit]
        )
        return move(Move(key, State.UNCERTAIN, {"uncertain_at": now}, error="no_answer") for key in stale)
