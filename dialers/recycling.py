"""Recycling: out of a base's rows a new base, by outcome; never with anybody who answered or opted out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.keeping import require_kept
from dialers.models import Base, BaseState, Row, RowState
from dialers.segment_count import counted_anew
from providers import tally
from providers.errors import Refusal
from providers.models import Contact
from providers.models.do_not_call import Source
from providers.states import PENDING, SKIPPED, State

log = structlog.get_logger(__name__)

AT_AN_END = (BaseState.FINISHED, BaseState.CANCELLED)
# By what a row may go again; `uncertain` ones are for their own two acts, the rest is still on its way.
OUTCOMES: dict[str, int] = {
    "failed": State.FAILED,
    "expired": State.EXPIRED,
    "refused": State.REFUSED,
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.READ,
    "skipped": SKIPPED,
}
BY_REASON = ("failed", "expired", "refused")
LEFT_OUT = "left_out"  # in `found` of a base: how many of its rows were skipped since its start
NAMES = {int(state): key for key, state in OUTCOMES.items()}

# One statement sees one moment: whoever has answered or opted out by then is left out.
ROWS = """
FROM dialers_row r
LEFT JOIN providers_message m ON m.id = r.message_id
LEFT JOIN providers_contact c ON c.provider_id = %(provider)s AND c.contact = r.contact
WHERE r.base_id = %(base)s AND r.contact <> '' -- who was erased has none
  AND (m.state = ANY(%(states)s) OR (m.id IS NULL AND r.state = 2))
  AND (c.last_incoming_at IS NULL OR c.last_incoming_at < %(since)s)
  AND NOT EXISTS (
    SELECT 1 FROM providers_message a
    WHERE a.batch = %(base)s AND a.replied_at IS NOT NULL AND a.contact_id = c.id
  )
  AND NOT EXISTS (
    SELECT 1 FROM providers_donotcall d
    WHERE d.number = r.contact AND (d.provider_id = %(provider)s OR d.provider_id IS NULL)
      AND (%(external)s OR d.source <> %(registry)s)
  )
"""
STANDING = "COALESCE(m.state, 2), CASE WHEN m.state IN (50, 70, 80) THEN m.error ELSE '' END"
COUNT = f"SELECT {STANDING}, count(*) {ROWS} GROUP BY 1, 2"
COPY = f"""
INSERT INTO dialers_row (base_id, line, contact, address, priority, kind, content, state, extra)
SELECT %(new)s, r.line, r.contact, r.address, r.priority, r.kind, r.content, 0, r.extra {ROWS}
  AND (COALESCE(m.state, 2) = ANY(%(whole)s)
    OR ({STANDING}) IN (SELECT * FROM unnest(%(some)s::int[], %(errors)s::text[])))
"""  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Choice:
    """An outcome of which rows may go again: `failed`, or `failed:invalid_number`; and how many would."""

    outcome: str
    error: str
    n: int

    @property
    def key(self) -> str:
        return f"{self.outcome}:{self.error}" if self.outcome in BY_REASON else self.outcome


def choices(base: Base) -> list[Choice]:
    """What may go again, exactly, at this moment. Reads the whole base (a second or two for a million rows)."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _about(base))
        found = [Choice(NAMES[state], error, n) for state, error, n in cursor.fetchall()]
    order = list(OUTCOMES)
    return sorted(found, key=lambda one: (order.index(one.outcome), -one.n, one.error))


def _about(base: Base) -> dict[str, Any]:
    return {
        "base": base.pk,
        "provider": base.dialer.provider_id,
        "since": base.started_at or base.created_at,
        "states": [int(state) for state in OUTCOMES.values() if state != SKIPPED],
        "external": base.dialer.dncr,
        "registry": Source.EXTERNAL,
    }


def recycle(base: Base, outcomes: Collection[str], user: User | None, now: datetime) -> Base:
    """Makes a ready base of the same dialer out of the rows with these outcomes, in one INSERT … SELECT.

    `outcomes` are keys of Choice, without a reason all of the outcome. Raises Refusal `not_ready` before the base
    is at its end, `outcome_unknown` (400), `nothing_left`.
    """
    whole, some = _parsed(outcomes)
    with transaction.atomic():
        origin = (
            Base.objects.select_related("dialer__provider")
            .select_for_update(of=("self",), no_key=True)
            .get(pk=base.pk)
        )
        require_end(origin)
        new = Base.objects.create(
            dialer=origin.dialer,
            name=_name(origin),
            created_by=user,
            recycled_from=origin,
            state=BaseState.READY,
        )
        with connection.cursor() as cursor:
            cursor.execute(
                COPY,
                _about(origin)
                | {
                    "new": new.pk,
                    "whole": whole,
                    "some": [state for state, _error in some],
                    "errors": [error for _state, error in some],
                },
            )
            new.lines = new.valid = cursor.rowcount
        if not new.valid:
            raise Refusal(
                "nothing_left",
                _(
                    "Nobody is left for a new base: none has this outcome, or all of them answered or opted out."
                ),
            )
        new.found = {"segments": counted_anew(new)}
        new.save(update_fields=["lines", "valid", "found"])
        tally.append({(new.pk, PENDING): new.valid})
        acts.note(new, Act.MADE_AGAIN, user=user, changes={"recycled_from": (None, origin.name)})
    log.info("base_recycled", base=origin.pk, new=new.pk, rows=new.valid, outcomes=sorted(outcomes))
    return new


def require_end(base: Base) -> None:
    """Raises Refusal unless the base is finished or cancelled and its rows are kept."""
    if base.state not in AT_AN_END:
        raise Refusal(
            "not_ready",
            _("The base is %(state)s: a new one is made of it once it is finished or cancelled.")
            % {"state": base.get_state_display()},
        )
    require_kept(base)


def _parsed(outcomes: Iterable[str]) -> tuple[list[int], list[tuple[int, str]]]:
    whole: list[int] = []
    some: list[tuple[int, str]] = []
    for key in outcomes:
        outcome, separator, error = key.partition(":")
        if outcome not in OUTCOMES or (separator and outcome not in BY_REASON):
            raise Refusal(
                "outcome_unknown",
                _("“%(key)s” is no outcome of which rows may go again. These are: %(known)s.")
                % {"key": key, "known": ", ".join(OUTCOMES)},
                status=400,
            )
        if separator:
            some.append((int(OUTCOMES[outcome]), error))
        else:
            whole.append(int(OUTCOMES[outcome]))
    if not whole and not some:
        raise Refusal("outcome_unknown", _("Choose at least one outcome."), status=400)
    return whole, some


def _name(origin: Base) -> str:
    earlier = Base.objects.filter(recycled_from=origin).count()
    again = _("(again %(n)d)") % {"n": earlier + 1} if earlier else _("(again)")
    return f"{origin.name[: 254 - len(again)]} {again}"


def skip_answered(base: Base) -> int:
    """At its start: who answered since the base was made out of another is left out after all. Returns how many.

    Call it with the base locked and ready.
    """
    if base.recycled_from is None:
        return 0
    rows = Row.objects.filter(base=base, state=RowState.PENDING, contact__in=_wrote(base).values("contact"))
    return _skip(base, rows)


def skip_those_who_answered(base: Base, rows: Mapping[int, str]) -> set[int]:
    """The same for the next rows (canonical numbers by their ids), for whoever answers while it is being sent.

    Call it with the base locked. Returns the ids of those that it skipped; a few queries, none for other bases.
    """
    if base.recycled_from is None:
        return set()
    answered = set(_wrote(base).filter(contact__in=set(rows.values())).values_list("contact", flat=True))
    keys = {key for key, contact in rows.items() if contact in answered}
    if keys:
        left_out = base.found.get(LEFT_OUT, 0) + _skip(base, Row.objects.filter(pk__in=keys))
        base.found = {**base.found, LEFT_OUT: left_out}
        base.save(update_fields=["found"])
    return keys


def _wrote(base: Base) -> QuerySet[Contact]:
    """Who wrote since the base was started out of which this one was made."""
    origin = base.recycled_from
    since = (origin.started_at or origin.created_at) if origin else base.created_at
    return Contact.objects.filter(provider=base.dialer.provider_id, last_incoming_at__gte=since)


def _skip(base: Base, rows: QuerySet[Row]) -> int:
    skipped = rows.update(state=RowState.SKIPPED)
    tally.append({(base.pk, PENDING): -skipped, (base.pk, SKIPPED): skipped})
    return skipped
