"""Reading a base file: whatever bytes come in, each line that is not blank is split or said to be bad.

Knows UTF-8 (with or without BOM) and Windows-1252; `;`, `,` and tab; files without a header
(`dialer;destination;message;priority`), with one that names the columns, and its own error report.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from providers.errors import Refusal

SEPARATORS = (";", "\t", ",")
CHUNK = 1 << 20
HEAD = 1 << 16
SAMPLE = 20  # lines that a headerless file's separator is told from
COLUMNS = {
    "dialer": ("dialer", "marcador", "discador"),
    "destination": (
        *("destination", "destino", "phone", "number", "mobile", "teléfono", "telefono", "telefone"),
        *("número", "numero", "celular", "móvil", "movil"),
    ),
    "message": ("message", "mensaje", "mensagem", "text", "texto"),
    "priority": ("priority", "prioridad", "prioridade"),
}
NAMES = {name: column for column, names in COLUMNS.items() for name in names}
STANDARD = ("dialer", "destination", "message", "priority")
REPORT_HEADER = ("line", "reason", "text")
# What Office files, PDFs and archives begin with.
BINARY = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
NUMBER_LIKE = re.compile(r"[\s'+]*(?:\d[\s().\-]*){7,}")
NO_TEXT = re.compile("[\udc80-\udcff]")


class Flaw(StrEnum):
    """Why a line could not be split into columns."""

    COLUMNS = "columns"  # neither two, three nor four
    HEADER = "header"  # not as many as the header names
    QUOTES = "quotes"  # a quote that is opened and not closed
    BYTES = "bytes"  # bytes that are no text in the file's encoding


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number (1 = the file's first), its text, its fields by column.

    `columns` is None where there is a `flaw`; `fields` says how many fields there are.
    """

    number: int
    text: str
    columns: dict[str, str] | None
    fields: int = 0
    flaw: Flaw | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """What a file was found to be. `columns` names them where a header does, else None."""

    encoding: str
    separator: str
    columns: tuple[str, ...] | None = None
    report: bool = False

    @property
    def header(self) -> bool:
        return self.report or self.columns is not None


def refuse_binary(head: bytes) -> None:
    """Raises Refusal `not_text` for what is plainly no text, from a file's first bytes."""
    if head.startswith(BINARY) or b"\x00" in head:
        raise _not_text()


def _not_text() -> Refusal:
    return Refusal(
        "not_text",
        _("This file is not text. Save the sheet as CSV (UTF-8, separated by semicolons) and upload that."),
        status=400,
    )


def detect(file: BinaryIO) -> Format:
    """The format of a seekable file. Raises Refusal `not_text`, `empty_file` or `header`."""
    encoding = _encoding(file)
    file.seek(0)
    sample = [text for _number, text in islice(_texts(file, encoding), SAMPLE)]
    if not sample:
        raise Refusal(
            "empty_file",
            _("The file is empty. Upload lines such as dialer;destination;message;priority."),
            status=400,
        )
    headers = {separator: _names_of(sample[0], separator) for separator in SEPARATORS}
    for separator, names in headers.items():
        if names == REPORT_HEADER:
            return Format(encoding, separator, report=True)
    known = {one: tuple(NAMES.get(name, "") for name in names) for one, names in headers.items()}
    separator = max(SEPARATORS, key=lambda one: len(set(known[one]) - {""}))
    numbers = any(map(NUMBER_LIKE.fullmatch, headers[separator]))  # a line whose message is “mobile”, say
    if numbers or "destination" not in known[separator]:
        return Format(encoding, _separator(sample))
    _check_header(known[separator])
    return Format(encoding, separator, known[separator])


def _check_header(columns: tuple[str, ...]) -> None:
    if "message" not in columns:
        raise Refusal(
            "header",
            _("The header names no column for the message. Name the columns destination and message."),
            status=400,
        )
    for column in STANDARD:
        if columns.count(column) > 1:
            raise Refusal(
                "header",
                _("The header names more than one column for “%(column)s”. Rename the one not meant.")
                % {"column": column},
                status=400,
            )


def read(file: BinaryIO, found: Format, dialer: str) -> Iterator[Line]:
    """The lines after the header, in order, in flat memory. `dialer` tells which of three columns comes first."""
    file.seek(0)
    texts = _texts(file, found.encoding)
    if found.header:
        next(texts, None)
    for number, text in texts:
        yield line_of(number, text, found, dialer)


def line_of(number: int, text: str, found: Format, dialer: str) -> Line:
    """One line of a file of the given format, split."""
    if NO_TEXT.search(text):
        shown = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return Line(number, shown, None, flaw=Flaw.BYTES)
    separator, columns = found.separator, found.columns
    if found.report:
        outer = _split(text, separator)
        text = outer[2] if outer and len(outer) == len(REPORT_HEADER) else text
        separator, columns = _separator([text]), None
    fields = _split(text, separator)
    if fields is None:
        return Line(number, text, None, flaw=Flaw.QUOTES)
    return _line(number, text, fields, columns, dialer)


def _encoding(file: BinaryIO) -> str:
    """UTF-8 where the file says so or most of its lines agree, else Windows-1252.

    Never Latin-1: Excel's dashes would be lost. One broken line must not garble the accents of the others.
    """
    file.seek(0)
    head = file.read(HEAD)
    refuse_binary(head)
    decoder = codecs.getincrementaldecoder("utf-8")()
    chunk, valid = head, True
    while chunk:
        if b"\x00" in chunk:
            raise _not_text()
        valid = valid and _decodes(decoder, chunk, final=False)
        chunk = file.read(CHUNK)
    if valid and _decodes(decoder, b"", final=True):
        return "utf-8-sig"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) or _mostly_utf8(file) else "cp1252"


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    agreeing = 0
    for line in file:
        if not line.isascii():
            decoder = codecs.getincrementaldecoder("utf-8")()
            agreeing += 1 if _decodes(decoder, line, final=True) else -1
    return agreeing > 0


def _texts(file: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; blank ones are passed over but keep their number."""
    wrapper = io.TextIOWrapper(file, encoding, errors="surrogateescape", newline=None)
    try:
        for number, line in enumerate(wrapper, 1):
            text = line.rstrip("\n")
            if text.strip(" \t;,\ufeff"):
                yield number, text
    finally:
        wrapper.detach()


def _split(text: str, separator: str) -> list[str] | None:
    """The fields; None where a quote is opened and not closed. Quotes that enclose no field are literal."""
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True, skipinitialspace=True))
    except csv.Error:
        return None if text.count('"') % 2 else text.split(separator)


def _names_of(text: str, separator: str) -> tuple[str, ...]:
    fields = _split(text, separator) or []
    return tuple(unicodedata.normalize("NFC", name).strip(" \ufeff").lower() for name in fields)


def _separator(sample: list[str]) -> str:
    """The one by which most lines have a number in one of their first two columns."""

    def lines_with_number(separator: str) -> int:
        rows = (_split(text, separator) or [] for text in sample)
        return sum(
            2 <= len(row) <= len(STANDARD) and any(map(NUMBER_LIKE.fullmatch, row[:2])) for row in rows
        )

    first_there = next((one for one in SEPARATORS if one in sample[0]), SEPARATORS[0])
    best = max(SEPARATORS, key=lines_with_number)
    return best if lines_with_number(best) else first_there


def _line(number: int, text: str, fields: list[str], header: tuple[str, ...] | None, dialer: str) -> Line:
    wanted = len(STANDARD) if header is None else len(header)
    while len(fields) > wanted and not fields[-1].strip():  # a sheet writes its empty columns too
        fields.pop()
    names = header if header is not None else _names(fields, dialer)
    if names is None or len(fields) != len(names):
        flaw = Flaw.COLUMNS if header is None else Flaw.HEADER
        return Line(number, text, None, len(fields), flaw)
    columns = {name: value.strip() for name, value in zip(names, fields, strict=True) if name}
    return Line(number, text, columns, len(fields))


def _names(fields: list[str], dialer: str) -> tuple[str, ...] | None:
    """The columns by how many there are: three are either without the dialer or without the priority."""
    if len(fields) == len(STANDARD):
        return STANDARD
    if len(fields) == 2:
        return STANDARD[1:3]
    if len(fields) == 3:
        return STANDARD[1:] if _starts_with_number(fields, dialer) else STANDARD[:3]
    return None


def _starts_with_number(fields: list[str], dialer: str) -> bool:
    first, second, last = (field.strip() for field in fields)
    if first == dialer or (NUMBER_LIKE.fullmatch(second) and not NUMBER_LIKE.fullmatch(first)):
        return False
    return bool(NUMBER_LIKE.fullmatch(first)) or not last or last.isdecimal()
