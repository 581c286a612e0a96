"""The same number twice in a base: with the same message it goes out once, with another it is pointed out."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from dialers.copying import BAD, bad_line
from dialers.lines import Draft, LineReader
from dialers.models import Base

BATCH = 5000  # lines
DUPLICATE = "duplicate"  # the code of such a line
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
DROP_AGAIN = """
DELETE FROM dialers_row r USING dialers_invalidline i
WHERE r.base_id = %s AND i.base_id = r.base_id AND i.line = r.line AND i.code = 'duplicate'
"""


class Repeats(NamedTuple):
    """How many lines were dropped as duplicates, by template code ("" = free text), and how many rows go to a
    number that an earlier row has with another message."""

    dropped: Counter[str]
    same_number: int


def drop_repeats(base: Base, reader: LineReader) -> Repeats:
    """Reports the later lines with the same number and message. Inside the load's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(
            "SET LOCAL enable_sort = off"
        )  # nothing is known of rows so new; a sort is the slow guess
        cursor.execute(REPEATED, [base.pk])
        cursor.execute("SET LOCAL enable_sort = on")
        cursor.execute("SELECT coalesce(sum(n - 1), 0), count(*) FROM repeated_numbers")
        later, numbers = cursor.fetchone()
        dropped = _report(base, reader) if numbers else Counter()
        cursor.execute("DROP TABLE repeated_numbers")
    return Repeats(dropped, int(later) - dropped.total())


def _report(base: Base, reader: LineReader) -> Counter[str]:
    reason = _("The same number and message as in line %(first)d. It goes out once.")
    dropped: Counter[str] = Counter()
    for batch in _again(base):
        bad: list[str] = []
        for line, contact, address, priority, kind, content, extra, first in batch:
            draft = Draft(
                line, contact, address, priority, kind, json.loads(content), json.loads(extra or "null")
            )
            dropped[draft.content.get("code", "")] += 1
            bad.append(bad_line(base.pk, line, DUPLICATE, reason % {"first": first}, reader.as_line(draft)))
        with connection.cursor() as cursor, cursor.copy(BAD) as copy:
            copy.write("".join(bad))
    if dropped:
        with connection.cursor() as cursor:
            cursor.execute(DROP_AGAIN, [base.pk])
    return dropped


def _again(base: Base) -> Iterator[list[tuple[Any, ...]]]:
    with connection.chunked_cursor() as again:
        again.execute(AGAIN, [base.pk])
        while batch := again.fetchmany(BATCH):
            yield batch
