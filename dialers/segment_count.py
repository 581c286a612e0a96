"""How many SMS segments the texts of a base take: counted while it is loaded, shown before it is sent."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypedDict

from django.db import connection

from dialers.models import Base
from providers.drivers import driver_for
from providers.segments import segments

MOST_NAMED = 50  # characters that force UCS-2
BATCH = 5000  # rows
TEXTS = "SELECT content->>'text' FROM dialers_row WHERE base_id = %s"


class SegmentsFound(TypedDict):
    """`total` of all rows, the `longest` of one; rows of `several`; rows that go as `ucs2`, and because of which
    characters, each with its rows."""

    total: int
    longest: int
    several: int
    ucs2: int
    forced_by: dict[str, int]


@dataclass(slots=True)
class SegmentCount:
    """Texts by how many segments they take and whether they go as UCS-2."""

    sizes: Counter[tuple[int, bool]] = field(default_factory=Counter)
    forced_by: Counter[str] = field(default_factory=Counter)

    def add(self, texts: Iterable[str], times: int = 1) -> None:
        """Counts texts; with `times` = -1 takes them out again."""
        for text in texts:
            found = segments(text)
            self.sizes[found.count, found.ucs2] += times
            if found.ucs2 and (found.forced_by in self.forced_by or len(self.forced_by) < MOST_NAMED):
                self.forced_by[found.forced_by] += times

    def found(self) -> SegmentsFound:
        """What a base keeps of it, the characters most frequent first."""
        sizes = {size: n for size, n in self.sizes.items() if n > 0}
        return {
            "total": sum(count * n for (count, _ucs2), n in sizes.items()),
            "longest": max((count for count, _ucs2 in sizes), default=0),
            "several": sum(n for (count, _ucs2), n in sizes.items() if count > 1),
            "ucs2": sum(n for (_count, ucs2), n in sizes.items() if ucs2),
            "forced_by": {char: n for char, n in self.forced_by.most_common() if n > 0},
        }


def counted_anew(base: Base) -> SegmentsFound | None:
    """Of a base's rows as they are; None where its provider sends no SMS. Reads the whole base, in flat memory."""
    if not driver_for(base.dialer.provider.api_type).segmented:
        return None
    count = SegmentCount()
    with connection.chunked_cursor() as rows:
        rows.execute(TEXTS, [base.pk])
        while batch := rows.fetchmany(BATCH):
            count.add(text or "" for (text,) in batch)
    return count.found()


def found_of(base: Base) -> SegmentsFound | None:
    """What was counted of a base; None where nothing was."""
    found: SegmentsFound | None = base.found.get("segments")
    return found
