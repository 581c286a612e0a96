"""Adding to the do-not-call registry: by hand, and by those who opt out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import plain, record
from accounts.models import User
from providers.contacts import person_number
from providers.do_not_call.removal import note
from providers.models import DoNotCall, Provider
from providers.models.do_not_call import Source
from providers.numbers import parse_destination

REASON_LENGTH = 500
CHANGEABLE = ("number", "provider", "source", "reason")


def add(
    number: str,
    provider: Provider | None,
    source: str = Source.OPERATOR,
    reason: str = "",
    user: User | None = None,
) -> DoNotCall:
    """The entry for a number in any spelling; twice is harmless. Raises BadNumber.

    No provider = at all of them.
    """
    with transaction.atomic():
        entry, made = DoNotCall.objects.get_or_create(
            number=person_number(provider, parse_destination(number)),
            provider=provider,
            source=source,
            defaults={"reason": reason, "created_by": user},
        )
        if made:
            record(entry, Act.CREATED, {"source": (None, source), "reason": (None, reason)}, user)
    return entry


def change(entry: DoNotCall, user: User | None, now: datetime) -> DoNotCall:
    """Saves a changed entry. One that now holds for something else is noted as removed from where it held."""
    entry.number = person_number(entry.provider, entry.number)
    with transaction.atomic():
        stored = DoNotCall.objects.select_for_update().get(pk=entry.pk)
        held_for = (stored.number, stored.provider_id, stored.source)
        if held_for != (entry.number, entry.provider_id, entry.source):
            note([stored], user, str(_("changed through the API")), now)
        entry.save()
        pairs = {name: (getattr(stored, name), getattr(entry, name)) for name in CHANGEABLE}
        changes = {name: (plain(old), plain(new)) for name, (old, new) in pairs.items() if old != new}
        record(entry, Act.CHANGED, changes, user)
    return entry


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who does not want to be written to at a provider. `number` is canonical; `at`: when we were told."""

    provider_id: int
    number: str
    at: datetime
    reason: str


OPT_OUT = """
INSERT INTO providers_donotcall (provider_id, number, source, reason, created_at)
SELECT DISTINCT ON (v.number, v.provider_id) v.provider_id, v.number, %(source)s, v.reason, v.at
FROM unnest(%(providers)s::bigint[], %(numbers)s::text[], %(times)s::timestamptz[], %(reasons)s::text[])
    AS v(provider_id, number, at, reason)
WHERE NOT EXISTS (
    SELECT 1 FROM providers_donotcallremoval r
    WHERE r.number = v.number AND r.source = %(source)s AND r.removed_at >= v.at
      AND (r.provider_id IS NULL OR r.provider_id = v.provider_id)
)
ORDER BY v.number, v.provider_id, v.at
ON CONFLICT DO NOTHING
RETURNING provider_id, number
"""


def opt_out(people: Sequence[OptOut], source: Source) -> set[tuple[int, str]]:
    """Enters those who are not in the registry yet. One statement; returns (provider's id, number) of the new ones.

    An opt-out that is older than the removal of such an entry does not bring it back.
    """
    if not people:
        return set()
    values: dict[str, Any] = {
        "source": str(source),
        "providers": [one.provider_id for one in people],
        "numbers": [one.number for one in people],
        "times": [one.at for one in people],
        "reasons": [one.reason[:REASON_LENGTH] for one in people],
    }
    with connection.cursor() as cursor:
        cursor.execute(OPT_OUT, values)
        return {(row[0], row[1]) for row in cursor.fetchall()}
