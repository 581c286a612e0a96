"""From a split line to a row: number, patterns, priority, message. Every refusal says how to mend the line."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.columns import STANDARD
from dialers.models import Dialer
from dialers.reader import NEW_LINE, Flaw, Line
from providers.contacts import told_apart
from providers.drivers import driver_for
from providers.errors import Refusal
from providers.gate import require_fitting
from providers.models import Template
from providers.models.message import Kind
from providers.numbers import calling_code_of, canonical, parse_destination
from providers.templates import TemplateBook, check_parameters, content_of, require_approved

LOWEST = 9999
HSM = "hsm:"
LITERAL_COLON = "\\:"
# Stands for an escaped colon while a message is split; no decoded line can hold it.
MARK = "\x00"
LANGUAGE = "@"  # hsm:code@language, where it is not the dialer's own
PRIORITY = re.compile(r"0*[1-9]\d{0,3}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid line, ready to become a row."""

    line: int
    contact: str
    address: str
    priority: int
    kind: str
    content: dict[str, Any]
    extra: dict[str, str] | None = None


class LineReader:
    """Validates the lines of one base against its dialer; reads the templates and patterns once.

    `mapped` is the template of a file whose columns were chosen. Raises Refusal `default_country` where the
    dialer's is none.
    """

    def __init__(self, dialer: Dialer, mapped: Template | None = None) -> None:
        self.dialer = dialer
        self.mapped = mapped
        self.driver = driver_for(dialer.provider.api_type)
        self.templates = TemplateBook(dialer.provider)
        self.chain = re.compile(dialer.dialing_chain)
        self.regexp = re.compile(dialer.provider.sms_regexp)
        self.apart = told_apart(dialer.provider)
        if dialer.default_country:
            _check_country(dialer.default_country)

    def draft(self, line: Line) -> Draft:
        """The row that a line asks for. Raises Refusal with the reason and the hint."""
        columns = line.columns
        if columns is None:
            raise _bad(line.flaw or Flaw.COLUMNS, _flawed(line))
        self._check_dialer(columns.get("dialer", ""))
        address = self._address(columns["destination"])
        if self.mapped is not None and line.parameters is not None:
            kind, content = _filled(self.mapped, line.parameters)
        else:
            kind, content = self._message(columns["message"])
        priority = _priority(columns.get("priority", ""))
        return Draft(line.number, self.person(address), address, priority, kind, content, line.extra)

    def person(self, address: str) -> str:
        """The number of whoever is at an address: in its one form, unless it was told apart."""
        return address if address in self.apart else canonical(address)

    def _check_dialer(self, name: str) -> None:
        if name and name != self.dialer.name:
            raise _bad(
                "other_dialer",
                _("The first column names “%(other)s”, but this is the dialer “%(own)s”.")
                % {"other": name, "own": self.dialer.name},
            )

    def _address(self, raw: str) -> str:
        address = parse_destination(raw, self.dialer.default_country or None)
        if not self.chain.search(address):
            raise _bad(
                "number_refused",
                _("The dialing chain “%(pattern)s” does not accept %(number)s.")
                % {"pattern": self.dialer.dialing_chain, "number": address},
            )
        if not self.regexp.search(address):
            raise _bad(
                "number_refused",
                _("The provider's SMS RegExp “%(pattern)s” does not accept %(number)s.")
                % {"pattern": self.dialer.provider.sms_regexp, "number": address},
            )
        return address

    def _message(self, raw: str) -> tuple[str, dict[str, Any]]:
        if not raw:
            raise _bad("no_message", _("The message is empty."))
        if not raw.lower().startswith(HSM):
            text = raw.replace(LITERAL_COLON, ":")
            require_fitting(self.dialer.provider, text)
            return Kind.TEXT, {"text": text}
        if not self.driver.templates:
            raise Refusal("no_templates", status=400)
        code, _colon, data = raw[len(HSM) :].replace(LITERAL_COLON, MARK).partition(":")
        template = self._template(code.replace(MARK, ":").strip())
        return _filled(template, split_parameters(data, template.parameters) if _colon else [])

    def _template(self, code: str) -> Template:
        bare, at, language = code.rpartition(LANGUAGE)
        if at and code not in self.templates.by_code and language in self.templates.by_code.get(bare, {}):
            return self.templates.find(bare, language)
        return self.templates.find(code, self.dialer.language)

    def as_line(self, draft: Draft) -> str:
        """A row written as a line of a base file again."""
        message = escaped(str(draft.content.get("text", "")))
        if draft.kind == Kind.HSM:
            code = code_of(self.templates, self.dialer, draft.content["code"], draft.content["language"])
            message = hsm(code, draft.content["parameters"])
        standard = [self.dialer.name, draft.address, message, str(draft.priority)]
        return written([*standard, *named(draft.extra)])


def code_of(templates: TemplateBook, dialer: Dialer, code: str, language: str) -> str:
    """The code by which a line of this dialer names a template in a language."""
    try:
        own = templates.find(code, dialer.language)
    except Refusal:
        return code + LANGUAGE + language
    return code if own.language == language else code + LANGUAGE + language


def _filled(template: Template, parameters: Sequence[str]) -> tuple[str, dict[str, Any]]:
    require_approved(template)
    check_parameters(template, parameters)
    return Kind.HSM, content_of(template, parameters)


def split_parameters(data: str, wanted: int) -> list[str]:
    """`data` at its colons; the last of the wanted parameters takes the colons that remain."""
    return [part.replace(MARK, ":") for part in data.split(":", max(wanted - 1, 0))]


def _priority(raw: str) -> int:
    if not raw:
        return LOWEST
    if not PRIORITY.fullmatch(raw):
        raise _bad(
            "priority",
            _("“%(raw)s” is no priority. Use a number from 1 (first) to 9999 (last).") % {"raw": raw},
        )
    return int(raw)


def _check_country(country: str) -> None:
    try:
        calling_code_of(country)
    except ValueError as error:
        raise _bad(
            "default_country",
            _("The dialer's default country “%(country)s” is none. Use one such as UY or BR.")
            % {"country": country},
        ) from error


def _flawed(line: Line) -> str:
    if line.flaw == Flaw.QUOTES:
        return _("A quote is opened and not closed. Write the message on one line, each quote in it twice.")
    if line.flaw == Flaw.BYTES:
        return _("The line holds bytes that are no text. Save the file as CSV (UTF-8) and upload it again.")
    if line.flaw == Flaw.LONG:
        return _("The line is longer than 65,536 characters; only its beginning is shown.")
    if line.flaw == Flaw.CELL:
        return _(
            "A cell holds an error, or a number of which the sheet lost digits. "
            "Format the column as text and type the value in again."
        )
    if line.fields < (line.wanted or len(STANDARD)) and line.flaw in (Flaw.HEADER, Flaw.COLUMNS):
        return _too_few(line)
    if line.flaw == Flaw.HEADER:
        return ngettext(
            "%(n)d column, not as many as the header names. "
            "Put a message that holds the separator between quotes.",
            "%(n)d columns, not as many as the header names. "
            "Put a message that holds the separator between quotes.",
            line.fields,
        ) % {"n": line.fields}
    return ngettext(
        "%(n)d column instead of dialer;destination;message;priority. "
        "Put a message that holds the separator between quotes.",
        "%(n)d columns instead of dialer;destination;message;priority. "
        "Put a message that holds the separator between quotes.",
        line.fields,
    ) % {"n": line.fields}


def _too_few(line: Line) -> str:
    if line.wanted:
        sentence = ngettext(
            "%(n)d column, fewer than the %(wanted)d that the header names. Fill in what is missing.",
            "%(n)d columns, fewer than the %(wanted)d that the header names. Fill in what is missing.",
            line.fields,
        )
        return sentence % {"n": line.fields, "wanted": line.wanted}
    return ngettext(
        "%(n)d column instead of dialer;destination;message;priority or destination;message: too few.",
        "%(n)d columns instead of dialer;destination;message;priority or destination;message: too few.",
        line.fields,
    ) % {"n": line.fields}


def _bad(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, status=400)


def hsm(code: str, parameters: Iterable[str]) -> str:
    """A message of a template as a base file has it; a colon in a parameter is escaped."""
    return HSM + ":".join([code, *(value.replace(":", LITERAL_COLON) for value in parameters)])


def escaped(text: str) -> str:
    """A plain text as a base file has it."""
    return text.replace(LITERAL_COLON, "\\" + LITERAL_COLON)


def named(extra: Mapping[str, str] | None) -> list[str]:
    """Other columns as a reported line keeps them, behind the standard ones."""
    return [f"{name.replace('=', ' ')}={value}" for name, value in (extra or {}).items()]


def written(fields: Iterable[str], separator: str = ";") -> str:
    """Fields as one line; a line break within one becomes a sign."""
    buffer = io.StringIO()
    flat = (re.sub(r"\r\n?|\n", NEW_LINE, field) for field in fields)
    csv.writer(buffer, delimiter=separator, lineterminator="\n").writerow(flat)
    return buffer.getvalue().removesuffix("\n")
