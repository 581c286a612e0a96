"""The same number twice: with the same message it goes out once, with another it is pointed out."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from dialers.copying import BAD, bad_line
from dialers.lines import Draft, LineReader
from dialers.models import Base, BaseState, RowState
from dialers.segment_count import SegmentCount

BATCH = 5000  # lines
DUPLICATE = "duplicate"  # the code of such a line
RECENT = timedelta(days=7)  # how long a report is mended and uploaded after its base
# A hash of every number, and a look at the messages of those alone that come again.
REPEATED = """
CREATE TEMPORARY TABLE repeated_numbers AS
SELECT contact, count(*) AS n FROM dialers_row WHERE base_id = %s GROUP BY contact HAVING count(*) > 1
"""
AGAIN = """
SELECT line, contact, address, priority, kind, content::text, extra::text, first FROM (
    SELECT r.*, first_value(line) OVER same AS first, row_number() OVER same AS nth
    FROM dialers_row r JOIN repeated_numbers USING (contact) WHERE base_id = %s
    WINDOW same AS (PARTITION BY contact, kind, md5(content::text) ORDER BY line)
) AS ranked WHERE nth > 1 ORDER BY line
"""
# The numbers of the report are hashed, the rows of the other bases pass by once.
IN_ANOTHER_BASE = """
WITH other AS MATERIALIZED (
    SELECT base_id, contact, kind, content FROM dialers_row
    WHERE base_id = ANY(ARRAY(
        SELECT id FROM dialers_base
        WHERE dialer_id = %(dialer)s AND id <> %(base)s AND state <> %(failed)s AND created_at >= %(since)s
    )) AND state <> %(skipped)s
    AND (contact IN (SELECT contact FROM dialers_row WHERE base_id = %(base)s)) IS TRUE
)
SELECT DISTINCT ON (r.line)
    r.line, r.contact, r.address, r.priority, r.kind, r.content::text, r.extra::text, b.name
FROM dialers_row r JOIN other USING (contact, kind, content) JOIN dialers_base b ON b.id = other.base_id
WHERE r.base_id = %(base)s ORDER BY r.line, b.id DESC
"""
DROP_AGAIN = """
DELETE FROM dialers_row r USING dialers_invalidline i
WHERE r.base_id = %s AND i.base_id = r.base_id AND i.line = r.line AND i.code = 'duplicate'
"""


class Repeats(NamedTuple):
    """How many lines were dropped as duplicates, by template code ("" = free text), and how many rows go to a
    number that an earlier row has with another message."""

    dropped: Counter[str]
    same_number: int


def drop_repeats(
    base: Base, reader: LineReader, *, report: bool = False, segments: SegmentCount | None = None
) -> Repeats:
    """Reports the later lines with the same number and message. Inside the load's transaction.

    Their texts are taken out of the `segments`. A `report` holds the duplicates of its own base too: what another
    base of the dialer has is reported again.
    """
    known = _drop_known(base, reader, segments) if report else Counter[str]()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(
            "SET LOCAL enable_sort = off"
        )  # nothing is known of rows so new; a sort is the slow guess
        cursor.execute(REPEATED, [base.pk])
        cursor.execute("SET LOCAL enable_sort = on")
        cursor.execute("SELECT coalesce(sum(n - 1), 0), count(*) FROM repeated_numbers")
        later, numbers = cursor.fetchone()
        reason = _("The same number and message as in line %(first)d. It goes out once.")
        again = _batches(AGAIN, [base.pk])
        dropped = _drop(base, reader, again, reason, segments) if numbers else Counter[str]()
        cursor.execute("DROP TABLE repeated_numbers")
    return Repeats(known + dropped, int(later) - dropped.total())


def _drop_known(base: Base, reader: LineReader, segments: SegmentCount | None) -> Counter[str]:
    """Reports the lines whose number and message a base of the last days has, unless they will not leave there."""
    reason = _("The same number and message are in “%(base)s” already. It goes out once.")
    given = {
        "dialer": base.dialer_id,
        "base": base.pk,
        "failed": BaseState.FAILED,
        "since": timezone.now() - RECENT,
        "skipped": RowState.SKIPPED,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")  # rows so new are guessed to be one
        dropped = _drop(base, reader, _batches(IN_ANOTHER_BASE, given), reason, segments)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return dropped


def _drop(
    base: Base,
    reader: LineReader,
    batches: Iterator[list[tuple[Any, ...]]],
    reason: str,
    segments: SegmentCount | None,
) -> Counter[str]:
    """Makes invalid lines of rows; `reason` says where the `first` of its kind is."""
    dropped: Counter[str] = Counter()
    for batch in batches:
        bad: list[str] = []
        for line, contact, address, priority, kind, content, extra, first in batch:
            draft = Draft(
                line, contact, address, priority, kind, json.loads(content), json.loads(extra or "null")
            )
            dropped[draft.content.get("code", "")] += 1
            if segments is not None:
                segments.add([draft.content.get("text", "")], times=-1)
            bad.append(
                bad_line(
                    base.pk, line, DUPLICATE, reason % {"first": first, "base": first}, reader.as_line(draft)
                )
            )
        with connection.cursor() as cursor, cursor.copy(BAD) as copy:
            copy.write("".join(bad))
    if dropped:
        with connection.cursor() as cursor:
            cursor.execute(DROP_AGAIN, [base.pk])
    return dropped


def _batches(query: str, given: list[Any] | dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    with connection.chunked_cursor() as rows:
        rows.execute(query, given)
        while batch := rows.fetchmany(BATCH):
            yield batch
