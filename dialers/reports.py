"""What a loaded base shows: its first rows as the customer will read them, and its error report."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from dialers.dispatch import rendered
from dialers.models import Base, InvalidLine, Row
from dialers.reader import STANDARD, Format, read
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
    rows = Row.objects.filter(base=base).order_by("priority", "line")[:limit]
    return [PreviewRow(row.line, row.address, rendered(templates, row)) for row in rows]


def error_report(base: Base) -> Iterator[str]:
    """CSV `line;reason;text`, a line at a time. Mended in the last column, it may be uploaded as it is."""
    yield _csv(["line", "reason", "text"])
    found = base.found
    header = (
        Format("utf-8", found.get("separator", ";"), tuple(found["columns"]))
        if found.get("columns")
        else None
    )
    for bad in InvalidLine.objects.filter(base=base).order_by("line").iterator(chunk_size=2000):
        yield _csv([str(bad.line), bad.reason, _standard(bad.text, header, base.dialer.name)])


def _standard(text: str, header: Format | None, dialer: str) -> str:
    """The line in standard columns, where a header that the report lacks named them otherwise."""
    if header is None:
        return text
    lines = list(read(io.BytesIO(b"header\n" + text.encode()), header, dialer))
    if not lines or lines[0].columns is None:
        return text
    columns = {"dialer": dialer, "priority": "9999"} | {k: v for k, v in lines[0].columns.items() if v}
    return _csv([columns.get(name, "") for name in STANDARD]).rstrip("\r\n")


def _csv(fields: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerow(fields)
    return buffer.getvalue()
