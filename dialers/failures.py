"""Failure limit: a running base of which too much fails, or that gets no answers at all, is paused by itself."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.acts import Act
from dialers import acts
from dialers.models import Base, BaseState
from providers.models import Message
from providers.models.provider import MOST_RECIPIENTS
from providers.states import State

FAILURE_RATE, NO_ANSWERS = "failure_rate", "no_answers"  # reasons of a base

LATEST = 200  # messages that are judged
FEWEST = 50  # of which a share says something
UNANSWERED = 100  # messages without an answer, one after the other
REQUESTS = 3  # requests without an answer at the least: one may carry a hundred messages
LOOKED_AT = 20_000  # messages, newest first, among which receipts are looked for
IN_FLIGHT = 2_000  # newest ones that may say nothing yet

# What left and came to something. A worker that died says nothing of the provider, nor does what our gate held back.
ANSWERED = f"""
SELECT state, accepted_at FROM (
    SELECT id, state, attempts, accepted_at, uncertain_at, lease_until FROM providers_message
    WHERE batch = %(batch)s AND id > %(after)s ORDER BY id DESC LIMIT %(looked_at)s
) AS newest
WHERE state NOT IN ({State.QUEUED:d}, {State.SUBMITTING:d})
  AND NOT (state = {State.REFUSED:d} AND attempts = 0)
  AND NOT (state = {State.UNCERTAIN:d} AND COALESCE(uncertain_at >= lease_until, false))
"""  # noqa: S608 - the states are ours
# What the answers say of the latest messages, and what the receipts say of the latest that have one. Without a
# receipt for a minute a message is taken for a good one: not every account sends them.
SHARES = f"""
WITH answered AS ({ANSWERED}),
answers AS (SELECT state FROM answered LIMIT %(latest)s),
receipts AS (
    SELECT state FROM answered WHERE state >= {State.SENT:d}
       OR (state = {State.ACCEPTED:d} AND accepted_at < %(now)s::timestamptz - interval '1 minute') LIMIT %(latest)s
)
SELECT (SELECT count(*) FROM answers),
       (SELECT count(*) FROM answers WHERE state IN ({State.UNCERTAIN:d}, {State.REFUSED:d})),
       (SELECT count(*) FROM receipts),
       (SELECT count(*) FROM receipts WHERE state IN ({State.EXPIRED:d}, {State.FAILED:d}))
"""  # noqa: S608
LOST = f"""
SELECT count(*), count(*) FILTER (WHERE state = {State.UNCERTAIN:d})
FROM ({ANSWERED} LIMIT %(latest)s) AS latest
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the latest messages: how many were answered and turned away or lost, had a receipt and came to nothing."""

    answers: int
    refused: int
    receipts: int
    failed: int

    @property
    def percent(self) -> float:
        """How much fails in all; 0 where there are too few to say."""
        refused = self.refused / self.answers if self.answers >= FEWEST else 0.0
        failed = self.failed / self.receipts if self.receipts >= FEWEST else 0.0
        return 100 * (refused + (1 - refused) * failed)


def shares(base: Base, now: datetime) -> Shares:
    """How the latest messages since the last start fared. One query of a bounded part of the batch's index."""
    values = {"looked_at": LOOKED_AT, "latest": LATEST, "now": now}
    return Shares(*_row(SHARES, base, values))


def unanswered(base: Base) -> int:
    """How many messages, one after the other up to the latest, nobody answered for; 0 where it is no long run."""
    together = base.dialer.provider.recipients_per_request or MOST_RECIPIENTS
    run = max(UNANSWERED, REQUESTS * together)
    judged, lost = _row(LOST, base, {"looked_at": run + IN_FLIGHT, "latest": run})
    return lost if judged == lost == run else 0


def _row(statement: str, base: Base, values: dict[str, Any]) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"batch": base.pk, "after": base.judged_after, **values})
        return tuple(cursor.fetchone())


def pause_if_failing(base: Base, now: datetime) -> bool:
    """Pauses a running base (its dialer and provider loaded) where it must not go on like this; True if it did.

    Its reason is `no_answers` or `failure_rate`, with the figures beside it.
    """
    if lost := unanswered(base):
        return _pause(base, NO_ANSWERS, {"of": lost})
    limit = base.dialer.failure_limit
    if not limit:
        return False
    found = shares(base, now)
    if found.percent <= limit:
        return False
    return _pause(base, FAILURE_RATE, {"percent": round(found.percent), "limit": limit, **asdict(found)})


def _pause(base: Base, reason: str, figures: dict[str, int]) -> bool:
    with transaction.atomic():
        locked = Base.objects.select_for_update(no_key=True).get(pk=base.pk)
        if locked.state != BaseState.RUNNING:
            return False
        locked.state, locked.reason, locked.reason_figures = BaseState.PAUSED, reason, figures
        locked.save(update_fields=["state", "reason", "reason_figures"])
        acts.note(locked, Act.PAUSED, BaseState.RUNNING, changes={"reason": ("", reason)})
    return True


def latest_message(base: Base) -> int:
    """The id of its newest message, 0 without one: where judging begins anew."""
    newest = Message.objects.filter(batch=base.pk).order_by("-id").values_list("id", flat=True).first()
    return newest or 0
