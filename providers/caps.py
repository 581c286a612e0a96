"""The cap of messages that a person may get from bases in a day, whichever dialers and providers they come from."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from providers import rules
from providers.models import Direction, SendingRules
from providers.states import State

# The order of the index on contacts begins with the provider. What was turned away reached nobody.
HAD = """
SELECT c.contact, count(*) FROM providers_contact c JOIN providers_message m ON m.contact_id = c.id
WHERE c.provider_id = ANY(ARRAY(SELECT id FROM providers_provider)) AND c.contact = ANY(%s)
  AND m.direction = %s AND m.batch IS NOT NULL AND m.state <> %s
  AND GREATEST(m.created_at, m.submitting_at) >= %s
GROUP BY c.contact
"""


def midnight(now: datetime, held: SendingRules | None = None) -> datetime:
    """When the rules' day began, in UTC."""
    zone = ZoneInfo((held or rules.current()).time_zone)
    return datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)


def beyond(messages: Sequence[tuple[Any, str]], now: datetime) -> set[Any]:
    """The keys of those messages to canonical numbers, in order of sending, that would be one too many today.

    Called in the transaction that makes the messages: until its end, others who ask wait. Two queries with a
    cap, one without.
    """
    most = rules.current().messages_per_day
    if not most or not messages:
        return set()
    with transaction.atomic():
        held = SendingRules.objects.select_for_update(no_key=True).get(pk=rules.THE_ROW)
        had = _had({number for _key, number in messages}, midnight(now, held))
        too_many = set()
        for key, number in messages:
            if had[number] >= held.messages_per_day > 0:
                too_many.add(key)
            else:
                had[number] += 1
    return too_many


def full(numbers: Iterable[str], now: datetime) -> set[str]:
    """Those of the canonical numbers that may get nothing more from bases today. Two queries, one without a cap."""
    held = rules.current()
    if not held.messages_per_day:
        return set()
    had = _had(numbers, midnight(now, held))
    return {number for number, n in had.items() if n >= held.messages_per_day}


def _had(numbers: Iterable[str], since: datetime) -> Counter[str]:
    with connection.cursor() as cursor:
        cursor.execute(HAD, [list(numbers), Direction.OUT, State.REFUSED, since])
        return Counter(dict(cursor.fetchall()))
