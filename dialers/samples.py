"""A sample of a base's people: enough to say “most of them”, at the same small cost for a million rows."""

import random
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from dialers.models import Base, Row

SIZE = 1000  # people
TRIES = 2 * SIZE  # lines that are looked up for them, since not every line is a row


@dataclass(frozen=True, slots=True)
class Sample:
    """Canonical numbers, each once; `whole` where they are all that the base has."""

    people: list[str]
    whole: bool


def people_of(base: Base, size: int = SIZE) -> Sample:
    """People from all over the file, the same ones each time. All of a small base's. Two statements."""
    rows = Row.objects.filter(base=base)
    last = rows.aggregate(last=Max("line"))["last"] or 0
    if last <= TRIES:
        return Sample(list(dict.fromkeys(_contacts(rows))), whole=True)
    chance = random.Random(base.pk)  # noqa: S311 - a sample, no secret
    found = _contacts(rows.filter(line__in=chance.sample(range(1, last + 1), TRIES)))
    return Sample(list(dict.fromkeys(chance.sample(found, min(size, len(found))))), whole=False)


def _contacts(rows: QuerySet[Row]) -> list[str]:
    return list(rows.order_by("line").values_list("contact", flat=True))
