"""Loading a base: the stored file, streamed, validated and copied in. All of it, or nothing."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from dialers.lines import Draft, LineReader, as_line
from dialers.models import Base, BaseState
from dialers.reader import Line, detect, read
from providers import tally
from providers.errors import Refusal
from providers.gate import do_not_call
from providers.locks import Lock, advisory_lock
from providers.states import PENDING

log = structlog.get_logger(__name__)

BATCH = 5000  # lines
ROWS = "COPY dialers_row (base_id, line, contact, address, priority, kind, content, state) FROM STDIN"
BAD = "COPY dialers_invalidline (base_id, line, code, reason, text) FROM STDIN"
AGAIN = """
SELECT line, address, priority, kind, content::text, first FROM (
    SELECT *, first_value(line) OVER same AS first, row_number() OVER same AS nth
    FROM dialers_row WHERE base_id = %s
    WINDOW same AS (PARTITION BY contact, kind, md5(content::text) ORDER BY line)
) AS ranked WHERE nth > 1 ORDER BY line
"""
DROP_AGAIN = """
DELETE FROM dialers_row r USING dialers_invalidline i
WHERE r.base_id = %s AND i.base_id = r.base_id AND i.line = r.line AND i.code = 'duplicate'
"""
SAME_NUMBER = """
SELECT coalesce(sum(n - 1), 0) FROM (
    SELECT count(*) AS n FROM dialers_row WHERE base_id = %s GROUP BY contact HAVING count(*) > 1
) AS numbers
"""


def load(base_id: int) -> None:
    """Loads a base that is `loading`; one loader at a time; after a crash it begins anew."""
    with advisory_lock(Lock.IMPORT, base_id) as free:
        if not free:
            return
        base = Base.objects.select_related("dialer__provider", "created_by").get(pk=base_id)
        if base.state != BaseState.LOADING:
            return
        # The reasons are written down, so they are written in the language of who uploaded the file.
        language = base.created_by.language if base.created_by else ""
        with translation.override(language or translation.get_language()):
            _load(base)


def being_loaded(base_id: int) -> bool:
    """Whether a loader is at the base now."""
    with advisory_lock(Lock.IMPORT, base_id) as free:
        return not free


def _load(base: Base) -> None:
    try:
        with base.file.open("rb") as file, transaction.atomic():
            base.invalid_lines.all().delete()  # of a loading before, with other columns
            base.rows.all().delete()
            found = detect(file.file)
            lines, invalid = _copy(base, read(file.file, found, base.dialer.name))
            duplicates = _drop_duplicates(base)
            said = {
                "encoding": found.encoding,
                "separator": found.separator,
                "columns": found.columns,
                "report": found.report,
                "duplicates": duplicates,
                "same_number": _same_number(base),
            }
            _finish(base, said, lines, invalid + duplicates)
    except FileNotFoundError:
        _fail(base, _("The uploaded file is gone. Upload it again."))
    except Refusal as why:
        _fail(base, why.sentence)


def _fail(base: Base, reason: str) -> None:
    Base.objects.filter(pk=base.pk).update(state=BaseState.FAILED, reason=reason[:500])
    log.info("base_failed", base=base.pk, reason=reason)


def _copy(base: Base, lines: Iterable[Line]) -> tuple[int, int]:
    reader = LineReader(base.dialer)
    total = bad = 0
    for batch in _batches(lines):
        drafts: list[tuple[Draft, str]] = []
        refused: list[tuple[int, str, str, str]] = []
        for line in batch:
            try:
                drafts.append((reader.draft(line), line.text))
            except Refusal as why:
                refused.append((line.number, why.code, why.sentence, line.text))
        blocked = do_not_call(
            base.dialer.provider, {draft.contact for draft, _text in drafts}, external=base.dialer.dncr
        )
        reason = _("This number is in the do-not-call registry.")
        refused.extend((d.line, "do_not_call", reason, text) for d, text in drafts if d.contact in blocked)
        _copy_rows(base, [draft for draft, _text in drafts if draft.contact not in blocked])
        _copy_bad(base, refused)
        total += len(batch)
        bad += len(refused)
    return total, bad


def _batches(lines: Iterable[Line]) -> Iterator[list[Line]]:
    stream = iter(lines)
    while batch := list(islice(stream, BATCH)):
        yield batch


def _copy_rows(base: Base, drafts: Iterable[Draft]) -> None:
    with connection.cursor() as cursor, cursor.copy(ROWS) as copy:
        for draft in drafts:
            content = json.dumps(draft.content)
            copy.write_row(
                (base.pk, draft.line, draft.contact, draft.address, draft.priority, draft.kind, content, 0)
            )


def _copy_bad(base: Base, refused: Iterable[tuple[int, str, str, str]]) -> None:
    with connection.cursor() as cursor, cursor.copy(BAD) as copy:
        for number, code, reason, text in refused:
            copy.write_row((base.pk, number, code, reason, text.replace("\x00", "")))


def _drop_duplicates(base: Base) -> int:
    """The same number with the same message goes out once; the later lines are reported. Returns how many."""
    reason = _("The same number and message as in line %(first)d. It goes out once.")
    found = 0
    with connection.chunked_cursor() as again:
        again.execute(AGAIN, [base.pk])
        while batch := again.fetchmany(BATCH):
            _copy_bad(
                base,
                (
                    (
                        line,
                        "duplicate",
                        reason % {"first": first},
                        as_line(base.dialer.name, address, kind, json.loads(content), priority),
                    )
                    for line, address, priority, kind, content, first in batch
                ),
            )
            found += len(batch)
    with connection.cursor() as cursor:
        cursor.execute(DROP_AGAIN, [base.pk])
    return found


def _same_number(base: Base) -> int:
    """How many rows go to a number that an earlier row has with another message."""
    with connection.cursor() as cursor:
        cursor.execute(SAME_NUMBER, [base.pk])
        return int(cursor.fetchone()[0])


def _finish(base: Base, found: dict[str, Any], lines: int, invalid: int) -> None:
    valid = lines - invalid
    reason = _("No line is good. The error report says what is wrong with each.")
    if not lines:
        reason = _("The file has a header and no line below it. Add the lines and upload it again.")
    tally.append({(base.pk, PENDING): valid})
    Base.objects.filter(pk=base.pk).update(
        state=BaseState.READY if valid else BaseState.FAILED,
        reason="" if valid else reason,
        lines=lines,
        valid=valid,
        invalid=invalid,
        found=found,
    )
    log.info("base_loaded", base=base.pk, lines=lines, valid=valid, invalid=invalid)
