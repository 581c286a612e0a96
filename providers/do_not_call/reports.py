"""The stored report of lines that could not be read, as its reader's spreadsheet opens it."""

import csv
import io
from collections.abc import Iterator
from typing import IO

from accounts.spreadsheets import MARK, report_header, separator


def in_language(stored: IO[bytes]) -> Iterator[bytes]:
    """The report with the columns' names and the separator of the current language, a line at a time."""
    head, between = report_header(), separator()  # now: what streams is read when no language is set any more
    return _lines(stored, head, between)


def _lines(stored: IO[bytes], head: tuple[str, ...], between: str) -> Iterator[bytes]:
    with io.TextIOWrapper(stored, encoding="utf-8-sig", newline="") as text:
        records = csv.reader(text, delimiter=";")
        next(records, None)
        yield (MARK + _written(head, between)).encode()
        for record in records:
            yield _written(record, between).encode()


def _written(record: list[str] | tuple[str, ...], between: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=between).writerow(record)
    return buffer.getvalue()
