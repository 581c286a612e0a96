"""What went out already today: the same file again, or most of its people, by whom, when and on which dialer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q, QuerySet

from dialers.models import Base, BaseState
from dialers.samples import people_of
from providers import tally

MOST = 0.5  # of the people
# Beyond this many rows that wait in today's bases only what has left already is compared.
WAITING_LOOKED_AT = 2_000_000
BASES_LOOKED_AT = 200

TAKEN = """
SELECT m.batch, array_agg(DISTINCT c.contact)
FROM providers_provider p
CROSS JOIN unnest(%s::text[]) AS wanted(contact)
JOIN providers_contact c ON c.provider_id = p.id AND c.contact = wanted.contact
JOIN providers_message m ON m.contact_id = c.id
WHERE m.batch = ANY(%s) AND m.direction = 1 AND m.created_at >= %s AND NOT (m.state = 50 AND m.attempts = 0)
GROUP BY m.batch
"""
WAITING = """
SELECT base_id, array_agg(DISTINCT contact) FROM dialers_row
WHERE base_id = ANY(%s) AND state = 0 AND contact = ANY(%s)
GROUP BY base_id
"""


@dataclass(frozen=True, slots=True)
class SentToday:
    """An earlier base of today. `people` of this base it reached or still will; exact for the same file, else about."""

    base: Base
    same_file: bool
    people: int


def sent_today(base: Base, now: datetime) -> SentToday | None:
    """The base of today (in the dialer's zone) that has the same file or, with others, most of the same people.

    Three or four statements. A sample of people stands for all; those who still wait in a running base count.
    """
    zone = ZoneInfo(base.dialer.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    earlier = list(_started(base, midnight).order_by("-started_at")[:BASES_LOOKED_AT])
    if not earlier:
        return None
    counts = tally.read([one.pk for one in earlier])
    for one in earlier:
        if base.sha256 and one.sha256 == base.sha256 and (people := _reached(one, counts[one.pk])):
            return SentToday(one, True, people)
    return _most_people(base, earlier, counts, midnight)


def _started(base: Base, midnight: datetime) -> QuerySet[Base]:
    at_work = Q(state__in=[BaseState.RUNNING, BaseState.PAUSED])
    today = Q(started_at__gte=midnight) | Q(finished_at__gte=midnight) | at_work
    # A base that was made from another writes to its people again on purpose.
    own = [pk for pk in (base.pk, base.recycled_from_id) if pk]
    bases = Base.objects.filter(today, started_at__isnull=False).exclude(pk__in=own)
    return bases.select_related("dialer", "started_by")


def _reached(base: Base, counts: dict[str, int]) -> int:
    """How many of its rows left or will leave."""
    return base.valid - counts["skipped"]


def _most_people(
    base: Base, earlier: Sequence[Base], counts: dict[int, dict[str, int]], midnight: datetime
) -> SentToday | None:
    people = people_of(base).people
    if not people:
        return None
    hit = _hits(people, earlier, counts, midnight)
    found = set().union(*hit.values())
    if len(found) < MOST * len(people):
        return None
    most = max(earlier, key=lambda one: len(hit.get(one.pk, ())))
    return SentToday(most, False, round(base.valid * len(found) / len(people)))


def _hits(
    people: list[str], earlier: Sequence[Base], counts: dict[int, dict[str, int]], midnight: datetime
) -> dict[int, set[str]]:
    """Who of the people is in which base of today."""
    waiting = {one.pk: counts[one.pk]["pending"] for one in earlier}
    hit: dict[int, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [people, [one.pk for one in earlier], midnight])
        found = cursor.fetchall()
        if 0 < sum(waiting.values()) <= WAITING_LOOKED_AT:
            cursor.execute(WAITING, [[pk for pk, n in waiting.items() if n], people])
            found += cursor.fetchall()
    for batch, numbers in found:
        hit.setdefault(batch, set()).update(numbers)
    return hit
