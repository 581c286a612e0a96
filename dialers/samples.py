"""A sample of a base's people: enough to say “most of them”, at the same small cost for a million rows."""

import random

from django.db.models import Max

from dialers.models import Base, Row

SIZE = 1000  # people
TRIES = 2 * SIZE  # lines that are looked up for them, since not every line is a row


def people_of(base: Base, size: int = SIZE) -> list[str]:
    """Up to `size` canonical numbers from all over the file; the same ones each time. All of a small base's."""
    rows = Row.objects.filter(base=base)
    last = rows.aggregate(last=Max("line"))["last"] or 0
    if last > TRIES:
        chosen = random.Random(base.pk).sample(range(1, last + 1), TRIES)  # noqa: S311 - a sample, no secret
        rows = rows.filter(line__in=chosen)
    return list(rows.order_by("line").values_list("contact", flat=True)[:size])
