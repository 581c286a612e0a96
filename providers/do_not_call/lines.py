"""Reading a file of numbers: one a line or in the first column, in whatever encoding and separator it comes."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

from django.utils.translation import gettext as _

from accounts.spreadsheets import ALL_REPORT_HEADERS
from providers.errors import Refusal
from providers.stop_words import normal

NUMBER_NAMES = frozenset(
    (
        *("number", "numbers", "phone", "phones", "phone number", "mobile", "destination", "telephone"),
        *("numero", "numeros", "telefono", "telefone", "celular", "movil", "destino", "destinatario"),
        *("numero de telefono", "numero de telefone", "msisdn", "whatsapp"),
    )
)
REASON_NAMES = frozenset(("reason", "motivo", "razon", "razao", "comment", "comentario"))
SEPARATORS = ";,\t"
LONGEST_LINE = 4096  # bytes; more is no line of this file
REPORT_HEADERS = {tuple(map(normal, header)) for header in ALL_REPORT_HEADERS}
SAMPLE = 20  # lines that the separator is found out from


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the number and the reason as they stand in it, and the whole of it. Lines count from 1."""

    line: int
    number: str
    reason: str
    text: str


def read(file: IO[bytes]) -> Iterator[Entry]:
    """The lines that are not blank, one at a time, without a header. Raises Refusal for what is no text file.

    A file as `report` writes it is read by its last column.
    """
    lines = _lines(file)
    sample = [line for _n, line in zip(range(SAMPLE), lines, strict=False)]
    if not sample:
        return
    if separator := _report_separator(sample[0][1]):
        yield from _of_report(chain(sample[1:], lines), separator)
        return
    separator = _separator([text for _n, text in sample])
    first = [normal(cell) for cell in cells(sample[0][1], separator)]
    number, reason, rows = 0, 1, chain(sample, lines)
    if not any(character.isdigit() for character in sample[0][1]):
        number = _column(first, NUMBER_NAMES, 0)
        reason = _column(first, REASON_NAMES, -1)
        rows = chain(sample[1:], lines)
    for line, text in rows:
        found = cells(text, separator)
        yield Entry(line, _cell(found, number), _cell(found, reason), text)


def _of_report(rows: Iterator[tuple[int, str]], separator: str) -> Iterator[Entry]:
    for line, text in rows:
        original = _cell(cells(text, separator), 2)
        found = cells(original, _separator([original]))
        yield Entry(line, _cell(found, 0), _cell(found, 1), original)


def _report_separator(first: str) -> str:
    """What separates the columns of a report, told by its header alone; "" for a file that is none."""
    split = {one: tuple(normal(cell) for cell in cells(first, one)) for one in SEPARATORS}
    return next((one for one, names in split.items() if names in REPORT_HEADERS), "")


def _column(header: Sequence[str], names: frozenset[str], otherwise: int) -> int:
    return next((index for index, name in enumerate(header) if name in names), otherwise)


def _cell(found: Sequence[str], index: int) -> str:
    return found[index].strip() if 0 <= index < len(found) else ""


def cells(text: str, separator: str) -> list[str]:
    """The columns of a line. A quotation mark that is never closed ends with its line."""
    if not separator:
        return [text.strip().strip('"')]
    if '"' not in text:
        return text.split(separator)
    return next(csv.reader([text], delimiter=separator), [])


def _separator(texts: Sequence[str]) -> str:
    """The one that most lines hold; "" where none does."""
    held = {separator: sum(separator in text for text in texts) for separator in SEPARATORS}
    best = max(held, key=lambda separator: held[separator])
    return best if held[best] else ""


def _lines(file: IO[bytes]) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            raw = _checked(raw)
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _skip_rest(file)
        text = _decoded(raw).rstrip("\r\n")
        if text.strip():
            yield number, text


def _checked(first: bytes) -> bytes:
    if first.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refusal("not_csv", _("This is a spreadsheet. Save it as CSV and upload that."), status=400)
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal("not_csv", _("Save the file as CSV in UTF-8 and upload that."), status=400)
    return first.removeprefix(b"\xef\xbb\xbf")


def _skip_rest(file: IO[bytes]) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _decoded(raw: bytes) -> str:
    """UTF-8, else Windows-1252; each line by itself, so that one odd line spoils no other."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
