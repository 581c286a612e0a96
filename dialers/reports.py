"""What a loaded base shows: its first rows as the customer will read them, and its error report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from accounts.spreadsheets import REPORT_HEADER
from dialers.claiming import rendered
from dialers.columns import STANDARD
from dialers.lines import LOWEST, code_of, hsm, named, written
from dialers.mapping import Mapping, layout_of
from dialers.models import Base, InvalidLine, Row, RowState
from dialers.reader import Flaw, Format, line_of
from dialers.repeats import DUPLICATE
from providers.bubbles import Bubble, around, plain
from providers.drivers import driver_for
from providers.segments import Segments, segments
from providers.templates import TemplateBook


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it will arrive."""

    line: int
    address: str
    text: str
    segments: Segments | None = None  # of an SMS
    bubble: Bubble | None = field(default=None, compare=False)


def in_order(base: Base) -> QuerySet[Row]:
    """Its rows that wait, in the order of sending; where none waits any more all of them, in that of the file.

    Each through an index of its own: the order of sending of a million rows that have left would be sorted anew.
    """
    rows = Row.objects.filter(base=base)
    waiting = rows.filter(state=RowState.PENDING)
    return waiting.order_by("priority", "line") if waiting.exists() else rows.order_by("line")


def preview(base: Base, limit: int = 3, book: TemplateBook | None = None) -> list[PreviewRow]:
    """The rows that leave next."""
    templates = book or TemplateBook(base.dialer.provider)
    segmented = driver_for(base.dialer.provider.api_type).segmented
    found = [(row, rendered(templates, row)) for row in in_order(base)[:limit]]
    return [
        PreviewRow(
            row.line,
            row.address,
            text,
            segments(text) if segmented else None,
            plain(text) if segmented else around(templates.known(row.content), text),
        )
        for row, text in found
    ]


def error_report(base: Base, header: Sequence[str] = REPORT_HEADER, separator: str = ";") -> Iterator[str]:
    """CSV `line;reason;text`, a line at a time. Mended in the last column, it may be uploaded as it is."""
    yield written(header, separator) + "\r\n"
    standard = _Standard(base)
    for bad in InvalidLine.objects.filter(base=base).order_by("line").iterator(chunk_size=2000):
        text = bad.text if bad.code == DUPLICATE else standard.line(bad.text)
        yield written([str(bad.line), bad.reason, text], separator) + "\r\n"


class _Standard:
    """Writes a base's lines as a file without a header has them, where they stood in other columns or between
    other separators."""

    def __init__(self, base: Base) -> None:
        found = base.found
        self.dialer = base.dialer
        self.chosen: Mapping | None = base.mapping
        columns, names = found.get("columns"), tuple(found.get("header") or ())
        separator = ";" if found.get("report") else found.get("separator", ";")
        self.format = Format("utf-8", separator, tuple(columns) if columns else None, names=names)
        self.layout = layout_of(names, self.chosen) if self.chosen else self.format.layout
        self.code = ""
        if self.chosen and self.chosen["template"]:
            book = TemplateBook(base.dialer.provider)
            self.code = code_of(book, base.dialer, self.chosen["template"], self.chosen["language"])

    def line(self, text: str) -> str:
        """The text as it is where it is so already, or cannot be split."""
        if self.layout is None and self.format.separator == ";":
            return text
        line = line_of(1, text, self.format, self.dialer.name, self.layout)
        if self.layout and line.flaw == Flaw.HEADER and line.fields < line.wanted:
            missing = self.format.separator * (line.wanted - line.fields)  # empty, to be filled in
            line = line_of(1, text + missing, self.format, self.dialer.name, self.layout)
        if line.columns is None:
            return text
        own = {name: value for name, value in line.columns.items() if value}
        if line.parameters is not None:
            own["message"] = hsm(self.code, line.parameters)
        filled = {"dialer": self.dialer.name, "priority": str(LOWEST)} | own
        return written([*(filled.get(name, "") for name in STANDARD), *named(line.extra)])
