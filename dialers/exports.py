"""Export of a base's rows with their outcomes: CSV as it is read, XLSX through a file, in short reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import IO, Any

from django.utils import translation
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _

from accounts import table_files
from dialers.models import Base
from dialers.rows import TIMES, RowLine, Wanted, extra_names, page
from dialers.words import state_word, time_words

CHUNK = 2000  # rows a read


def headings(base: Base) -> list[str]:
    """The columns: the row, how it stands, its times, then the file's other columns by their names."""
    words = time_words()
    return [
        *(_("line"), _("number"), _("message"), _("state"), _("reason"), _("error")),
        *(words[name] for name in TIMES),
        *extra_names(base),
    ]


def records(base: Base, wanted: Wanted) -> Iterator[list[str]]:
    """The header and the rows as texts, in the language and the zone of the caller, whenever they are read."""
    return _read(base, wanted, translation.get_language() or "en", get_current_timezone())


def _read(base: Base, wanted: Wanted, language: str, zone: tzinfo) -> Iterator[list[str]]:
    with translation.override(language):
        head, names = headings(base), extra_names(base)
    yield head
    after: str | None = ""
    while after is not None:
        with translation.override(language):
            read = page(base, wanted, after, CHUNK)
            told = [_record(row, names, zone) for row in read.rows]
        yield from told
        after = read.following or None


def _record(row: RowLine, names: Sequence[str], zone: tzinfo) -> list[str]:
    return [
        *(str(row.line), row.contact, row.text, state_word(row.state, row.held_back), row.why, row.error),
        *(_moment(row.times.get(name), zone) for name in TIMES),
        *(_text(row.extra.get(name)) for name in names),
    ]


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def as_csv(base: Base, wanted: Wanted, separator: str = ";") -> Iterator[str]:
    """The file in pieces of many rows: UTF-8 with a mark for spreadsheets."""
    return table_files.as_csv(records(base, wanted), separator)


def as_xlsx(base: Base, wanted: Wanted) -> IO[bytes]:
    """The workbook, in a file that is gone once it is closed. A million rows take minutes; CSV begins at once."""
    return table_files.as_xlsx(records(base, wanted))
