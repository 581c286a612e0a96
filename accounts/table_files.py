"""Tables as files that spreadsheets open: CSV as it is read, XLSX through a file."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from accounts.spreadsheets import MARK

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 2000  # rows in a piece
SHEET = 1_048_576  # rows that a sheet can have, its header included
LONGEST_CELL = 32_767  # characters
# A spreadsheet takes a cell that begins so for a formula; an apostrophe in front makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(records: Iterable[Sequence[str]], separator: str) -> Iterator[str]:
    """The header and the rows in pieces of CHUNK rows: UTF-8 with a mark for spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator)
    buffer.write(MARK)
    for number, record in enumerate(records, 1):
        writer.writerow(harmless(cell) for cell in record)
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_xlsx(records: Iterable[Sequence[str]]) -> IO[bytes]:
    """The workbook of a header and rows, in a file that is gone once it is closed.

    Every cell is text, so that no digit is lost. What does not fit on a sheet goes on on the next one.
    """
    book = Workbook(write_only=True)
    sheet, head, filled = None, None, SHEET
    for record in records:
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
