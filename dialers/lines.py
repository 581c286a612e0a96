"""From a split line to a row: number, patterns, priority, message. Every refusal says how to mend the line."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.models import Dialer
from dialers.reader import Flaw, Line
from providers.errors import Refusal
from providers.models.message import Kind
from providers.numbers import calling_code_of, canonical, parse_destination
from providers.templates import TemplateBook, check_parameters, require_approved

LOWEST = 9999
HSM = "hsm:"
LITERAL_COLON = "\\:"
# Stands for an escaped colon while a message is split; no decoded line can hold it.
MARK = "\x00"
TEXT_LIMIT = 4096
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


class LineReader:
    """Validates the lines of one base against its dialer; reads the templates and patterns once.

    Raises Refusal `default_country` where the dialer's is none.
    """

    def __init__(self, dialer: Dialer) -> None:
        self.dialer = dialer
        self.templates = TemplateBook(dialer.provider)
        self.chain = re.compile(dialer.dialing_chain)
        self.regexp = re.compile(dialer.provider.sms_regexp)
        if dialer.default_country:
            _check_country(dialer.default_country)

    def draft(self, line: Line) -> Draft:
        """The row that a line asks for. Raises Refusal with the reason and the hint."""
        columns = line.columns
        if columns is None:
            raise _bad(line.flaw or Flaw.COLUMNS, _flawed(line))
        self._check_dialer(columns.get("dialer", ""))
        address = self._address(columns["destination"])
        kind, content = self._message(columns["message"])
        return Draft(
            line.number, canonical(address), address, _priority(columns.get("priority", "")), kind, content
        )

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
            if len(text) > TEXT_LIMIT:
                raise _bad(
                    "too_long", _("The text has %(n)d characters; 4,096 are allowed.") % {"n": len(text)}
                )
            return Kind.TEXT, {"text": text}
        code, _colon, data = raw[len(HSM) :].replace(LITERAL_COLON, MARK).partition(":")
        template = self.templates.find(code.replace(MARK, ":").strip(), self.dialer.language)
        require_approved(template)
        parameters = split_parameters(data, template.parameters) if _colon else []
        check_parameters(template, parameters)
        return Kind.HSM, {"code": template.code, "language": template.language, "parameters": parameters}


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


def _bad(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, status=400)


def as_line(dialer: str, address: str, kind: str, content: dict[str, Any], priority: int) -> str:
    """A row written as a line of a base file again."""
    if kind == Kind.HSM:
        parts = [content["code"], *(value.replace(":", LITERAL_COLON) for value in content["parameters"])]
        message = HSM + ":".join(parts)
    else:
        message = content["text"].replace(LITERAL_COLON, "\\" + LITERAL_COLON)
    if ";" in message or '"' in message:
        message = '"' + message.replace('"', '""') + '"'
    return f"{dialer};{address};{message};{priority}"
