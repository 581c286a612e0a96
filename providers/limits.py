"""The provider's daily limit: how many people bases may write to within 24 hours; the rest waits.

While a provider has a limit, each contact carries when a base last wrote to them, and a row a second counts how
many were last written to in it. Both are written under the provider's lock, in the transaction of the claim.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Sum

from providers.models import Contact, Direction, Message, Provider, Reach
from providers.states import State

DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)  # as exact as the rows are: a person may count a second longer, never shorter

# Those of the people are moved to this second, out of the one in which they were counted before.
MARK = """
WITH before AS (
    SELECT id, written_at FROM providers_contact WHERE id = ANY(%(people)s) ORDER BY id FOR NO KEY UPDATE
), marked AS (
    UPDATE providers_contact c SET written_at = %(now)s FROM before b WHERE c.id = b.id
), moved AS (
    SELECT date_trunc('second', %(now)s::timestamptz) AS second, 1 AS n FROM before
    UNION ALL SELECT date_trunc('second', written_at), -1 FROM before WHERE written_at >= %(first)s
)
INSERT INTO providers_reach AS r (provider_id, second, people)
SELECT %(provider)s, second, sum(n) FROM moved GROUP BY second HAVING sum(n) <> 0
ON CONFLICT (provider_id, second) DO UPDATE SET people = r.people + EXCLUDED.people
"""
FROM_THE_LEDGER = """
WITH latest AS (
    SELECT contact_id, max(created_at) AS at FROM providers_message
    WHERE provider_id = %(provider)s AND direction = %(out)s AND batch IS NOT NULL AND created_at >= %(first)s
      AND NOT (state = %(refused)s AND attempts = 0)
    GROUP BY contact_id
), locked AS (
    SELECT c.id, l.at FROM providers_contact c JOIN latest l ON l.contact_id = c.id ORDER BY c.id FOR NO KEY UPDATE OF c
)
UPDATE providers_contact c SET written_at = GREATEST(c.written_at, l.at) FROM locked l WHERE c.id = l.id
"""
COUNT_ANEW = """
INSERT INTO providers_reach (provider_id, second, people)
SELECT provider_id, date_trunc('second', written_at), count(*) FROM providers_contact
WHERE provider_id = %(provider)s AND written_at >= %(first)s GROUP BY 1, 2
"""


def admit(provider: Provider, people: Sequence[int | None], now: datetime) -> int:
    """How many of the next messages, from the first one on, the daily limit lets through; counts their people.

    `people` are the contacts' ids in the order of sending, None for a message that is held back anyway. Whoever
    a base wrote to within 24 hours uses nothing up. Call it in the transaction that makes the messages: until
    its end other claims at this provider wait.
    """
    if not provider.daily_limit:
        if provider.counts_people:
            Provider.objects.filter(pk=provider.pk).update(counts_people=False)
        return len(people)
    with transaction.atomic():
        locked = Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if not locked.counts_people:
            _begin(locked, now)
        fitting = _fitting(people, _known(people, now), locked.daily_limit - _reached(locked, now))
        admitted = sorted({person for person in people[:fitting] if person is not None})
        if admitted:
            _execute(MARK, locked, now, people=admitted)
    return fitting


def _fitting(people: Sequence[int | None], known: set[int], room: int) -> int:
    counted = set(known)
    for place, person in enumerate(people):
        if person is None or person in counted:
            continue
        if room <= 0:
            return place
        counted.add(person)
        room -= 1
    return len(people)


def _known(people: Sequence[int | None], now: datetime) -> set[int]:
    wanted = [person for person in people if person is not None]
    return set(
        Contact.objects.filter(pk__in=wanted, written_at__gt=now - DAY).values_list("pk", flat=True)
        if wanted
        else ()
    )


def people_left(provider: Provider, now: datetime) -> int | None:
    """How many further people bases may write to now; None without a limit. One query."""
    if not provider.daily_limit:
        return None
    reached = _reached(provider, now) if provider.counts_people else _in_the_ledger(provider, now)
    return max(0, provider.daily_limit - reached)


def next_room(provider: Provider, now: datetime) -> datetime | None:
    """When the first of the people of the last 24 hours counts no more; None where nobody is known to count."""
    first = _window(provider, now).filter(people__gt=0).order_by("second").first()
    return first.second + DAY + SECOND if first else None


def _window(provider: Provider, now: datetime) -> QuerySet[Reach]:
    return Reach.objects.filter(provider=provider, second__gt=now - DAY - SECOND)


def _reached(provider: Provider, now: datetime) -> int:
    return _window(provider, now).aggregate(total=Sum("people"))["total"] or 0


def _in_the_ledger(provider: Provider, now: datetime) -> int:
    """The same from the messages themselves: slow, until the first claim under a new limit counts."""
    return (
        Message.objects.filter(
            provider=provider, direction=Direction.OUT, batch__isnull=False, created_at__gt=now - DAY
        )
        .exclude(Q(state=State.REFUSED) & Q(attempts=0))
        .values("contact")
        .distinct()
        .count()
    )


def _begin(provider: Provider, now: datetime) -> None:
    """Counts those who were written to before there was a limit. Once, and slow: it reads a day of the ledger."""
    Reach.objects.filter(provider=provider).delete()
    _execute(FROM_THE_LEDGER, provider, now, out=Direction.OUT, refused=State.REFUSED)
    _execute(COUNT_ANEW, provider, now)
    Provider.objects.filter(pk=provider.pk).update(counts_people=True)


def _execute(statement: str, provider: Provider, now: datetime, **values: Any) -> None:
    first = (now - DAY).replace(microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"provider": provider.pk, "now": now, "first": first, **values})


def forget(now: datetime) -> int:
    """Removes the seconds that count no more; returns how many."""
    return Reach.objects.filter(second__lt=now - DAY - 2 * SECOND).delete()[0]
