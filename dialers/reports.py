"""What a loaded base shows: its first rows as the customer will read them, and its error report."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialers.claiming import rendered
from dialers.models import Base, BaseState, InvalidLine, Row, RowState
from dialers.reader import REPORT_HEADER, STANDARD, Format, line_of
from providers.templates import TemplateBook


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it will arrive."""

    line: int
    address: str
    text: str


def preview(base: Base, limit: int = 3) -> list[PreviewRow]:
    """The rows that leave first."""
    templates = TemplateBook(base.dialer.provider)
    rows = Row.objects.filter(base=base)
    if base.state == BaseState.READY:
        rows = rows.filter(state=RowState.PENDING)  # as all of them are; the index of a million rows says so
    first = rows.order_by("priority", "line")[:limit]
    return [PreviewRow(row.line, row.address, rendered(templates, row)) for row in first]


def error_report(base: Base) -> Iterator[str]:
    """CSV `line;reason;text`, a line at a time. Mended in the last column, it may be uploaded as it is."""
    yield _csv(REPORT_HEADER)
    found = base.found
    columns = found.get("columns")
    separator = ";" if found.get("report") else found.get("separator", ";")
    written = Format("utf-8", separator, tuple(columns) if columns else None)
    for bad in InvalidLine.objects.filter(base=base).order_by("line").iterator(chunk_size=2000):
        yield _csv([str(bad.line), bad.reason, _standard(bad.text, written, base.dialer.name)])


def _standard(text: str, written: Format, dialer: str) -> str:
    """The line as a file without a header has it, where it stood in other columns or between other separators."""
    if written.columns is None and written.separator == ";":
        return text
    columns = line_of(1, text, written, dialer).columns
    if columns is None:
        return text
    filled = {"dialer": dialer, "priority": "9999"} | {
        name: value for name, value in columns.items() if value
    }
    return _csv([filled.get(name, "") for name in STANDARD]).rstrip("\r\n")


def _csv(fields: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow(fields)
    return buffer.getvalue()
