"""Sheets in .xlsx format: the first sheet's rows as lines. No digit is made up, none is lost, no bomb goes off."""

import hashlib
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any, BinaryIO, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from dialers.columns import REPORT_COLUMNS, STANDARD, Layout, is_report
from dialers.lines import written
from dialers.reader import SAMPLE, Flaw, Format, Line, arranged, empty_file, is_header, reported, with_header
from dialers.sheet_cells import as_shown
from dialers.texts import CHUNK, not_text
from providers.errors import Refusal

ENCODING = "xlsx"  # what a format says instead of an encoding
SIGNATURE = b"PK\x03\x04"
PARTS = 5000
LARGEST = 1 << 29  # bytes of a sheet, uncompressed
LARGEST_STRINGS = 96 << 20  # bytes of the texts that its cells share; they are held in memory
LARGEST_OTHER = 16 << 20  # bytes of any other part
LONGEST_ROW = 16 << 20  # bytes
OVERLAP = 64  # bytes, in which a row's tag has room
ROWS = 1 << 20  # as many as the format has
COLUMNS = 500
ROW = re.compile(rb"<(?:[A-Za-z0-9_]+:)?row[\s>/]")
BROKEN = (
    *(BadZipFile, zlib.error, ParseError, InvalidFileException, EOFError, OverflowError),
    *(KeyError, IndexError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError),
)


class SheetRow(NamedTuple):
    """A row that is not blank: its number in the sheet, its cells as text, and which of them cannot be trusted."""

    number: int
    cells: list[str]
    doubtful: frozenset[int]


def is_sheet(head: bytes) -> bool:
    """Whether a file's first bytes are an archive's, as those of an .xlsx file are."""
    return head.startswith(SIGNATURE)


def require_sheet(file: Any) -> None:
    """Raises Refusal `not_text` for an archive that is no sheet, `too_large`, `broken_sheet`. `file` is seekable."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            listed = archive.infolist()[: PARTS + 1]
    except (*BROKEN, OSError) as error:
        raise not_text() from error
    parts = {info.filename: info.file_size for info in listed}
    if "xl/workbook.xml" not in {name.lower().lstrip("/") for name in parts}:
        raise not_text()
    for name, size in parts.items():
        bound = LARGEST_STRINGS if "sharedstrings" in name.lower() else LARGEST_OTHER
        if size > (LARGEST if "worksheets/" in name.lower() else bound) or len(parts) > PARTS:
            raise _too_large()
    if not {info.compress_type for info in listed} <= {
        ZIP_STORED,
        ZIP_DEFLATED,
    }:  # no sheet is packed otherwise
        raise _broken()
    file.seek(0)


def _broken() -> Refusal:
    return Refusal(
        "broken_sheet",
        _("The sheet cannot be read: the file is damaged or protected. Save it again, or as CSV (UTF-8)."),
        status=400,
    )


def _too_large() -> Refusal:
    return Refusal(
        "too_large", _("The sheet holds more than can be read at once. Save it as CSV (UTF-8)."), status=400
    )


def detect(file: BinaryIO, dialer: str = "") -> Format:
    """The format of a sheet; `dialer` is the name that no header begins with.

    Raises Refusal `broken_sheet`, `too_large`, `not_text`, `empty_file`.
    """
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    require_sheet(file)
    with opened(file) as book:
        _require_short_rows(file, book.worksheets[0])
    sample = [row.cells for row in islice(rows(file), SAMPLE)]
    if not sample:
        raise empty_file()
    plain = Format(ENCODING, ";", sha256=digest.hexdigest())
    if is_report(sample[0]):
        return replace(plain, report=True)
    return with_header(plain, sample) if is_header(sample, dialer) else plain


@contextmanager
def opened(file: BinaryIO) -> Iterator[Any]:
    """The workbook, to be read row by row. Raises Refusal for what is none."""
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise _broken()
        yield book
    except BROKEN as error:
        if isinstance(error, Refusal):
            raise
        raise _broken() from error


def _require_short_rows(file: BinaryIO, sheet: Any) -> None:
    """Looks through the sheet once: a row is held in memory whole, so it must be no bomb."""
    with ZipFile(file) as archive, archive.open(sheet._worksheet_path) as part:
        rest, since = b"", 0
        while chunk := part.read(CHUNK):
            data = rest + chunk
            starts = [match.start() for match in ROW.finditer(data)]
            lengths = [after - before for before, after in pairwise([-since, *starts, len(data)])]
            if max(lengths) > LONGEST_ROW:
                raise _too_large()
            rest, since = data[-OVERLAP:], lengths[-1] - OVERLAP


def rows(file: BinaryIO) -> Iterator[SheetRow]:
    """The first sheet's rows that are not blank, one at a time. Raises Refusal `broken_sheet`, `too_large`."""
    with opened(file) as book:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size is not always so
        for number, cells in enumerate(sheet.iter_rows(max_row=ROWS), 1):
            if len(cells) > COLUMNS and any(cell.value is not None for cell in cells[COLUMNS:]):
                raise _too_large()
            read = [as_shown(cell) for cell in cells[:COLUMNS]]
            while read and not read[-1].text.strip():
                read.pop()
            if read:
                doubtful = frozenset(at for at, cell in enumerate(read) if cell.doubtful)
                yield SheetRow(number, [cell.text for cell in read], doubtful)


def read(file: BinaryIO, found: Format, dialer: str, layout: Layout | None = None) -> Iterator[Line]:
    """The rows below the header as lines; `text` is a row as a line of CSV."""
    layout = layout or found.layout
    for row in islice(rows(file), int(found.header), None):
        yield _line(row, found, dialer, layout)


def _line(row: SheetRow, found: Format, dialer: str, layout: Layout | None) -> Line:
    text = written(row.cells)
    if found.report:
        inner = row.cells[2] if len(row.cells) == REPORT_COLUMNS else text
        return reported(row.number, inner, dialer)
    cells = row.cells
    if layout is not None and len(cells) < layout.width:
        cells = [*cells, *[""] * (layout.width - len(cells))]
    used = layout.used if layout is not None else frozenset(range(len(STANDARD)))
    if row.doubtful & used:
        return Line(row.number, text, None, len(cells), Flaw.CELL)
    return arranged(row.number, text, list(cells), layout, dialer)
