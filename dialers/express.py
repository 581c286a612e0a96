"""The ordinary line, read fast: no quote, no escape, nothing to mend. Whatever is doubtful is left to LineReader.

It gives exactly what reading, drafting and writing the line gives, or nothing; see docs/decisions/0011.
"""

import re
from typing import NamedTuple

from django.utils import timezone

from dialers.columns import STANDARD, Layout
from dialers.copying import NULL, as_json
from dialers.lines import HSM, LITERAL_COLON, LOWEST, LineReader
from dialers.reader import NO_TEXT, Format
from dialers.texts import LONGEST_LINE
from providers.errors import Refusal
from providers.models import Template
from providers.models.message import Kind
from providers.numbers import canonical, parse_destination
from providers.templates import content_of, require_approved

# What JSON or COPY would escape, what a parameter may not hold, and what marks an escaped colon.
DOUBTFUL = re.compile(r'["\\\x00-\x1f]| {4}')
PRIORITIES = frozenset(map(str, range(1, LOWEST + 1)))
HEADERLESS = {
    4: Layout(4, {name: at for at, name in enumerate(STANDARD)}),
    2: Layout(2, {"destination": 0, "message": 1}),
}


class Ready(NamedTuple):
    """A line as COPY takes it, with what is still asked of it.

    `key` is the template's code, "" for free text; `text` the free text, "" for a template.
    """

    contact: str
    key: str
    row: str
    text: str


class Frame(NamedTuple):
    """A template's content around its parameters."""

    before: str
    after: str
    parameters: int


class Express:
    """The fast lane of one base's file. `layout` is where a header has what, None without one."""

    def __init__(self, reader: LineReader, base_id: int, found: Format, layout: Layout | None) -> None:
        dialer = reader.dialer
        self.base_id = base_id
        self.apart = reader.apart
        self.separator = found.separator
        self.layouts = HEADERLESS if layout is None else {layout.width: layout}
        if found.report:
            self.layouts = {}
        self.dialer = dialer.name
        self.country = dialer.default_country or None
        patterns = (reader.chain, reader.regexp)
        self.patterns = [one for one in patterns if one.pattern != "."]  # “.” finds something in any number
        self.longest_text = reader.driver.longest_text
        self.frames = _frames(reader) if reader.driver.templates else {}
        mapped = reader.mapped
        approved = mapped is not None and mapped.may_be_sent(timezone.now())
        self.mapped = (mapped.code, _frame(mapped)) if mapped is not None and approved else None

    def ready(self, number: int, text: str) -> Ready | None:
        """The row of an ordinary line; None where there is any doubt."""
        if '"' in text or len(text) > LONGEST_LINE or not (text.isascii() or not NO_TEXT.search(text)):
            return None
        fields = text.split(self.separator)
        layout = self.layouts.get(len(fields))
        if layout is None:
            return None
        places = layout.places
        if "dialer" in places and fields[places["dialer"]].strip() not in ("", self.dialer):
            return None
        priority = fields[places["priority"]].strip() or str(LOWEST) if "priority" in places else str(LOWEST)
        if priority not in PRIORITIES:
            return None
        made = self._message(fields, layout)
        if made is None:
            return None
        try:
            address = parse_destination(fields[places["destination"]].strip(), self.country)
        except Refusal:
            return None
        for pattern in self.patterns:
            if not pattern.search(address):
                return None
        contact = address if address in self.apart else canonical(address)
        extra = NULL
        if layout.extra and (others := layout.extra_of([field.strip() for field in fields])):
            extra = as_json(others)
        key, content, words = made
        row = f"{self.base_id}\t{number}\t{contact}\t{address}\t{priority}\t{content}\t0\t{extra}\n"
        return Ready(contact, key, row, words)

    def _message(self, fields: list[str], layout: Layout) -> tuple[str, str, str] | None:
        """The key, kind and content as COPY takes them, and the free text."""
        if layout.parameters is not None:
            if self.mapped is None:
                return None
            code, frame = self.mapped
            parts = [fields[at].strip() for at in layout.parameters]
            return self._filled(code, frame, parts, ":".join(parts))
        raw = fields[layout.places["message"]].strip()
        if raw.startswith(HSM):
            code, colon, data = raw[len(HSM) :].partition(":")
            found = self.frames.get(code)
            if found is None:
                return None
            if colon and found.parameters:
                return self._filled(code, found, data.split(":", found.parameters - 1), data)
            return None if colon else self._filled(code, found, [], "")
        if not raw or len(raw) > self.longest_text or raw[: len(HSM)].lower() == HSM or DOUBTFUL.search(raw):
            return None
        return "", f'{Kind.TEXT.value}\t{{"text": "{raw}"}}', raw

    def _filled(self, code: str, frame: Frame, parts: list[str], data: str) -> tuple[str, str, str] | None:
        if len(parts) != frame.parameters or DOUBTFUL.search(data):
            return None
        for part in parts:
            if not part or part.isspace():
                return None
        return code, frame.before + '", "'.join(parts) + frame.after, ""


def _frames(reader: LineReader) -> dict[str, Frame]:
    """The templates that a line may name by their code alone."""
    frames: dict[str, Frame] = {}
    for code in reader.templates.by_code:
        try:
            template = reader.templates.find(code, reader.dialer.language)
            require_approved(template)
        except Refusal:
            continue
        if LITERAL_COLON not in code and ":" not in code:
            frames[code] = _frame(template)
    return frames


def _frame(template: Template) -> Frame:
    mark = "\x01"
    content = as_json(content_of(template, [mark] if template.parameters else []))
    before, _mark, after = content.partition("\\\\u0001")
    return Frame(f"{Kind.HSM.value}\t{before}", after, template.parameters)
