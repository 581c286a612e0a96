"""Reading a base file: whatever bytes come in, each line that is not blank is split or said to be bad.

Knows UTF-8 (with or without BOM), UTF-16 with BOM and Windows-1252; `;`, `,` and tab; files without a header
(`dialer;destination;message;priority`), with one that names the columns, and its own error report.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from dialers.columns import REPORT_COLUMNS, STANDARD, Layout, doubt_about, is_report, known_columns, shown
from dialers.texts import LONGEST_LINE, examine, numbered
from providers.errors import Refusal

SEPARATORS = (";", "\t", ",")
SAMPLE = 20  # lines that the format is told from
SHOWN = 3  # lines of a sample that people see
NUMBER_LIKE = re.compile(r"[\s'+]*(?:\d[\s().\-]*){7,}")
NO_TEXT = re.compile("[\udc80-\udcff]")
NEW_LINE = "↵"  # stands for a line break of a sheet's cell where a text must stay on one line
NAMED = re.compile(r"\s*([^=]*[^=\s])\s*=(.*)", re.DOTALL)  # another column in a report: name=value


class Flaw(StrEnum):
    """Why a line could not be split into columns."""

    COLUMNS = "columns"  # neither two, three nor four
    HEADER = "header"  # not as many as the header names
    QUOTES = "quotes"  # a quote that is opened and not closed
    BYTES = "bytes"  # bytes that are no text in the file's encoding
    LONG = "long"  # longer than anybody writes
    CELL = "cell"  # a sheet's cell that is an error, or a number with digits that the sheet lost


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number (1 = the file's first), its text, its fields by column.

    `columns` is None where there is a `flaw`; `fields` says how many fields there are. `parameters` are those of
    a file whose columns were chosen; `extra` the columns that nothing is made of, by name, empty ones left out.
    `wanted` says how many fields the header asks for, where they are not as many.
    """

    number: int
    text: str
    columns: dict[str, str] | None
    fields: int = 0
    flaw: Flaw | None = None
    parameters: tuple[str, ...] | None = None
    extra: dict[str, str] | None = None
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Format:
    """What a file was found to be. `names` are a header's columns as shown, `columns` what each is known as.

    `doubt` says why a header alone does not tell what to send; `sample` holds the first lines below it.
    """

    encoding: str
    separator: str
    columns: tuple[str, ...] | None = None
    report: bool = False
    names: tuple[str, ...] = ()
    doubt: str = ""
    sample: tuple[tuple[str, ...], ...] = ()
    sha256: str = ""

    @property
    def header(self) -> bool:
        return self.report or self.columns is not None

    @property
    def layout(self) -> Layout | None:
        """Where a header without a doubt has everything; None without a header."""
        return None if self.columns is None or self.doubt else Layout.of(self.names, self.columns)


def detect(file: BinaryIO, dialer: str = "") -> Format:
    """The format of a seekable file; `dialer` is the name that no header begins with.

    Raises Refusal `not_text` or `empty_file`.
    """
    encoding, digest = examine(file)
    sample = [NO_TEXT.sub("\ufffd", text) for _number, text in islice(numbered(file, encoding), SAMPLE)]
    if not sample:
        raise empty_file()
    return replace(_format(sample, encoding, dialer), sha256=digest)


def empty_file() -> Refusal:
    """What is said of a file without a line."""
    return Refusal(
        "empty_file",
        _("The file is empty. Upload lines such as dialer;destination;message;priority."),
        status=400,
    )


def _format(sample: list[str], encoding: str, dialer: str) -> Format:
    headers = {separator: _split(sample[0], separator) or [] for separator in SEPARATORS}
    for separator, names in headers.items():
        if is_report(names):
            return Format(encoding, separator, report=True)
    known = {one: known_columns(names) for one, names in headers.items()}
    separator = max(SEPARATORS, key=lambda one: len(set(known[one]) - {""}))
    if "destination" not in known[separator]:
        separator = _separator(sample[1:] or sample)
    rows = [_split(text, separator) or [] for text in sample]
    if not is_header(rows, dialer):
        return Format(encoding, _separator(sample))
    return with_header(Format(encoding, separator), rows)


def with_header(found: Format, rows: list[list[str]]) -> Format:
    """The format of a file whose first row names its columns."""
    names = shown(rows[0])
    columns = known_columns(rows[0])
    below = [[*map(str.strip, row), *[""] * len(names)] for row in rows[1 : SHOWN + 1]]
    sample = tuple(tuple(row[: len(names)]) for row in below)
    return replace(found, columns=columns, names=names, doubt=doubt_about(columns), sample=sample)


def is_header(rows: list[list[str]], dialer: str) -> bool:
    """Whether the first of some rows names the columns.

    It does where one of its names is known to be the number's. Names of one's own are taken for a header only
    where nothing in them could be data and the rows below agree on where the number is.
    """
    first = [field.strip() for field in rows[0]]
    while first and not first[-1]:
        first.pop()
    if any(map(NUMBER_LIKE.fullmatch, first)):  # a line whose message is “mobile”, say
        return False
    known = known_columns(first)
    if "destination" in known:
        return True
    if len(first) < 2 or (len(first) == 2 and not set(known) - {""}):
        return False
    if any(not name or name[0].isdigit() or name[0] == "+" or ":" in name for name in first):
        return False
    below = [row for row in rows[1:] if len(row) >= len(first)]
    if len(set(first)) < len(first) or not below or any(row[0].strip() == dialer for row in rows if row):
        return False
    return any(
        2 * sum(bool(NUMBER_LIKE.fullmatch(row[at])) for row in below) >= len(rows) - 1
        for at in range(len(first))
    )


def read(file: BinaryIO, found: Format, dialer: str, layout: Layout | None = None) -> Iterator[Line]:
    """The lines after the header, in order, in flat memory. `dialer` tells which of three columns comes first."""
    texts = numbered(file, found.encoding)
    if found.header:
        next(texts, None)
    for number, text in texts:
        yield line_of(number, text, found, dialer, layout or found.layout)


def line_of(number: int, text: str, found: Format, dialer: str, layout: Layout | None = None) -> Line:
    """One line of a file of the given format, split."""
    if len(text) > LONGEST_LINE:
        return Line(number, NO_TEXT.sub("?", text[:LONGEST_LINE]), None, flaw=Flaw.LONG)
    if NO_TEXT.search(text):
        visible = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return Line(number, visible, None, flaw=Flaw.BYTES)
    if found.report:
        outer = _split(text, found.separator)
        return reported(number, outer[2] if outer and len(outer) == REPORT_COLUMNS else text, dialer)
    fields = _split(text, found.separator)
    if fields is None:
        return Line(number, text, None, flaw=Flaw.QUOTES)
    return arranged(number, text, fields, layout, dialer)


def reported(number: int, text: str, dialer: str) -> Line:
    """What stands in the last column of an error report: a line of a file without a header, or what became of it."""
    fields = _split(text, _separator([text]))
    if fields is None:
        return Line(number, text, None, flaw=Flaw.QUOTES)
    fields = [field.replace(NEW_LINE, "\n") for field in fields]
    named = [NAMED.fullmatch(field) for field in fields[len(STANDARD) :]]
    if not named or not all(named):
        return arranged(number, text, fields, None, dialer)
    extra = {match[1]: match[2].strip() for match in named if match}
    return replace(arranged(number, text, fields[: len(STANDARD)], None, dialer), extra=extra)


def _split(text: str, separator: str) -> list[str] | None:
    """The fields; None where a quote is opened and not closed. Quotes that enclose no field are literal."""
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error:
        return None if text.count('"') % 2 else text.split(separator)


def _separator(sample: list[str]) -> str:
    """The one by which most lines have a number in one of their first two columns, else in any."""
    split = {one: [_split(text, one) or [] for text in sample] for one in SEPARATORS}

    def lines_with_number(separator: str) -> tuple[int, int]:
        rows = split[separator]
        standard = sum(
            2 <= len(row) <= len(STANDARD) and any(map(NUMBER_LIKE.fullmatch, row[:2])) for row in rows
        )
        return standard, sum(len(row) > 1 and any(map(NUMBER_LIKE.fullmatch, row)) for row in rows)

    first_there = next((one for one in SEPARATORS if one in sample[0]), SEPARATORS[0])
    best = max(SEPARATORS, key=lines_with_number)
    return best if any(lines_with_number(best)) else first_there


def arranged(number: int, text: str, fields: list[str], layout: Layout | None, dialer: str) -> Line:
    """The fields of a line by column; without a layout, by how many there are."""
    wanted = len(STANDARD) if layout is None else layout.width
    while len(fields) > wanted and not fields[-1].strip():  # a sheet writes its empty columns too
        fields.pop()
    if layout is None:
        names = _names(fields, dialer)
        if names is None:
            return Line(number, text, None, len(fields), Flaw.COLUMNS)
        columns = {name: value.strip() for name, value in zip(names, fields, strict=True)}
        return Line(number, text, columns, len(fields))
    if len(fields) != layout.width:
        return Line(number, text, None, len(fields), Flaw.HEADER, wanted=layout.width)
    values = [field.strip() for field in fields]
    return Line(
        number,
        text,
        {name: values[at] for name, at in layout.places.items()},
        len(fields),
        parameters=None if layout.parameters is None else tuple(values[at] for at in layout.parameters),
        extra=layout.extra_of(values),
    )


def _names(fields: list[str], dialer: str) -> tuple[str, ...] | None:
    """The columns by how many there are: three are either without the dialer or without the priority.

    Two are number and message, unless a dialer's name stands where the number should be.
    """
    if len(fields) == len(STANDARD):
        return STANDARD
    if len(fields) == 2:
        return None if _names_dialer(fields, dialer) else STANDARD[1:3]
    if len(fields) == 3:
        return STANDARD[1:] if _starts_with_number(fields, dialer) else STANDARD[:3]
    return None


def _names_dialer(fields: list[str], dialer: str) -> bool:
    first, second = (field.strip() for field in fields)
    if NUMBER_LIKE.fullmatch(first):
        return False
    return first == dialer or bool(first.isalpha() and NUMBER_LIKE.fullmatch(second))


def _starts_with_number(fields: list[str], dialer: str) -> bool:
    first, second, last = (field.strip() for field in fields)
    if first == dialer or (NUMBER_LIKE.fullmatch(second) and not NUMBER_LIKE.fullmatch(first)):
        return False
    return bool(NUMBER_LIKE.fullmatch(first)) or not last or last.isdecimal()
