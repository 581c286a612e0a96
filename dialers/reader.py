"""Reading a base file: whatever bytes come in, each line that is not blank is split or said to be bad.

Knows UTF-8 (with or without BOM) and Windows-1252; `;`, `,` and tab; files without a header
(`dialer;destination;message;priority`), with one that names the columns, and its own error report.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from providers.errors import Refusal

SEPARATORS = (";", "\t", ",")
CHUNK = 1 << 20
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
REPORT_HEADER = ["line", "reason", "text"]
# What Office files, PDFs and archives begin with.
BINARY = (b"PK\x03\x04", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number (1 = the file's first), its text, its fields by column.

    `columns` is None where the fields are too few or too many; `fields` then says how many there are.
    """

    number: int
    text: str
    columns: dict[str, str] | None
    fields: int


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
        raise Refusal(
            "not_text",
            _(
                "This file is not text. Save the sheet as CSV (UTF-8, separated by semicolons) and upload that."
            ),
            status=400,
        )


def detect(file: BinaryIO) -> Format:
    """The format of a seekable file. Raises Refusal `not_text` or `empty_file`."""
    encoding = _encoding(file)
    file.seek(0)
    first = next((text for _number, text in _texts(file, encoding)), "")
    if not first:
        raise Refusal(
            "empty_file",
            _("The file is empty. Upload lines such as dialer;destination;message;priority."),
            status=400,
        )
    separator = next((one for one in SEPARATORS if one in first), ";")
    names = [name.strip().lower() for name in _split(first, separator)]
    if names == REPORT_HEADER:
        return Format(encoding, ";", report=True)
    columns = tuple(NAMES.get(name, "") for name in names)
    if "destination" in columns:
        return Format(encoding, separator, columns)
    return Format(encoding, separator)


def read(file: BinaryIO, found: Format, dialer: str) -> Iterator[Line]:
    """The lines after the header, in order, in flat memory. `dialer` tells which of three columns comes first."""
    file.seek(0)
    texts = _texts(file, found.encoding)
    if found.header:
        next(texts, None)
    for number, text in texts:
        if found.report:
            fields = _split(text, ";")
            text = fields[2] if len(fields) == len(REPORT_HEADER) else text
            separator = next((one for one in SEPARATORS if one in text), ";")
            yield _line(number, text, _split(text, separator), None, dialer)
        else:
            yield _line(number, text, _split(text, found.separator), found.columns, dialer)


def _encoding(file: BinaryIO) -> str:
    """UTF-8 where every byte agrees, else Windows-1252 (never Latin-1: Excel's dashes would be lost)."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            refuse_binary(chunk)
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        while chunk := file.read(CHUNK):
            refuse_binary(chunk)
        return "cp1252"
    return "utf-8-sig"


def _texts(file: BinaryIO, encoding: str) -> Iterator[tuple[int, str]]:
    """Numbered lines without their ends; blank ones are passed over but keep their number."""
    wrapper = io.TextIOWrapper(file, encoding, errors="backslashreplace", newline=None)
    try:
        for number, line in enumerate(wrapper, 1):
            text = line.rstrip("\n")
            if text.strip(" \t;,\ufeff"):
                yield number, text
    finally:
        wrapper.detach()


def _split(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator))
    except (csv.Error, StopIteration):
        return text.split(separator)


def _line(number: int, text: str, fields: list[str], header: tuple[str, ...] | None, dialer: str) -> Line:
    names = header if header is not None else _names(fields, dialer)
    if names is None or len(fields) != len(names):
        return Line(number, text, None, len(fields))
    columns = {name: value.strip() for name, value in zip(names, fields, strict=True) if name}
    return Line(number, text, columns, len(fields))


def _names(fields: list[str], dialer: str) -> tuple[str, ...] | None:
    """The columns by how many there are: three are either without the dialer or without the priority."""
    if len(fields) == len(STANDARD):
        return STANDARD
    if len(fields) == 2:
        return STANDARD[1:3]
    if len(fields) == 3:
        without_dialer = fields[0].strip() != dialer and fields[2].strip().isdecimal()
        return STANDARD[1:] if without_dialer else STANDARD[:3]
    return None
