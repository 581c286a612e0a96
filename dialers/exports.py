"""Export of a base's rows with their outcomes: CSV as it is read, XLSX through a file, in short reads."""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import IO, Any

from django.utils import translation
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.spreadsheets import MARK
from dialers.models import Base
from dialers.rows import TIMES, RowLine, Wanted, extra_names, page
from dialers.words import state_word, time_words

CHUNK = 2000  # rows a read
SHEET = 1_048_576  # rows that a sheet can have, its header included
LONGEST_CELL = 32_767  # characters
# A spreadsheet takes a cell that begins so for a formula; an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    """The file in pieces of CHUNK rows: UTF-8 with a mark for spreadsheets."""
    return _csv(records(base, wanted), separator)


def _csv(lines: Iterator[list[str]], separator: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    buffer.write(MARK)
    for number, record in enumerate(lines, 1):
        writer.writerow(harmless(cell) for cell in record)
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_xlsx(base: Base, wanted: Wanted) -> IO[bytes]:
    """The workbook, in a file that is gone once it is closed. Every cell is text, so that no digit is lost.

    What does not fit on a sheet goes on on the next one. A million rows take minutes; CSV begins at once.
    """
    book = Workbook(write_only=True)
    sheet, head, filled = None, None, SHEET
    for record in records(base, wanted):
        if head is None:
            head = record
            continue
        if sheet is None or filled == SHEET:
            sheet = book.create_sheet()
            sheet.append(_cells(sheet, head))
            filled = 1
        sheet.append(_cells(sheet, record))
        filled += 1
    if sheet is None:
        sheet = book.create_sheet()
        sheet.append(_cells(sheet, head or []))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def _cells(sheet: Any, record: Sequence[str]) -> list[Any]:
    return [_cell(sheet, text) for text in record]


def _cell(sheet: Any, text: str) -> Any:
    text = ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_CELL]
    if not text.startswith("="):
        return text  # a str is written as text, whatever digits or signs it has
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell
