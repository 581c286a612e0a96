"""What the import found, in plain words, each with its number."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dialers.models import Base
from dialers.open_windows import FreeText
from dialers.segment_count import found_of
from providers.errors import ERRORS, kind_of

MOST_CHARACTERS = 5  # named on the page
REASONS: dict[str, Any] = {
    "duplicate": gettext_lazy("the same number and message again; goes out once"),
    "do_not_call": gettext_lazy("in the do-not-call registry"),
    "number_empty": gettext_lazy("no number"),
    "number_country": gettext_lazy("number without its country code"),
    "number_length": gettext_lazy("number too short or too long"),
    "number_characters": gettext_lazy("letters or signs in the number"),
    "number_spreadsheet": gettext_lazy("number shortened by a spreadsheet"),
    "number_invalid": gettext_lazy("no such number"),
    "number_refused": gettext_lazy("number not accepted by the dialing chain or the SMS RegExp"),
    "template_unknown": gettext_lazy("unknown template"),
    "template_not_approved": gettext_lazy("template not approved"),
    "template_parameters": gettext_lazy("parameters that do not fit the template"),
    "no_templates": gettext_lazy("a template, which SMS does not know"),
    "no_message": gettext_lazy("no message"),
    "too_long": gettext_lazy("text longer than the provider takes"),
    "priority": gettext_lazy("priority that is no number from 1 to 9999"),
    "other_dialer": gettext_lazy("another dialer's name"),
    "columns": gettext_lazy("too few or too many columns"),
    "header": gettext_lazy("not as many columns as the header names"),
    "quotes": gettext_lazy("a quote that is not closed"),
    "bytes": gettext_lazy("bytes that are no text"),
    "long": gettext_lazy("line longer than 65,536 characters"),
    "cell": gettext_lazy("a cell that holds an error, or a number that lost digits"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure: its word, its number, the colour of its dot, and what it means for the sending."""

    word: str
    n: int
    colour: str
    hint: str = ""


def invalid_by_reason(base: Base) -> list[Finding]:
    """Why lines are invalid, the most frequent first."""
    reasons: dict[str, int] = dict(base.found.get("reasons") or {})
    for code, key in (("duplicate", "duplicates"), ("do_not_call", "do_not_call")):
        if base.found.get(key):
            reasons.setdefault(code, base.found[key])
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Finding(_reason(code), n, "red") for code, n in ordered if n]


def _reason(code: str) -> str:
    if code in REASONS:
        return str(REASONS[code])
    return str(kind_of(code).sentence) if code in ERRORS else code


def segment_notes(base: Base) -> Iterator[Finding]:
    """How many segments the SMS of a base take, and which take more than they would have to."""
    found = found_of(base)
    if not found or not found["total"]:
        return
    hint = ngettext("each message takes %(n)d", "the longest message takes %(n)d", found["longest"]) % {
        "n": found["longest"]
    }
    yield Finding(_("SMS segments in total"), found["total"], "blue", hint)
    if found["several"]:
        hint = _("each segment goes, and counts at the carrier, as an SMS of its own")
        yield Finding(_("take more than one segment"), found["several"], "amber", hint)
    if found["ucs2"]:
        hint = _("70 characters fit into a segment instead of 160, because of %(characters)s") % {
            "characters": ", ".join(map(character_words, list(found["forced_by"])[:MOST_CHARACTERS]))
        }
        yield Finding(_("hold a character that the SMS alphabet lacks"), found["ucs2"], "amber", hint)


def character_words(character: str) -> str:
    """A character so that it is recognised, also where it has no shape: “ã”, “U+200B”."""
    return (
        f"“{character}”" if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
    )


def notes(base: Base, texts: FreeText | None) -> Iterator[Finding]:
    """What is worth knowing of the valid lines."""
    yield from segment_notes(base)
    if same := base.found.get("same_number"):
        hint = _("they get more than one message from this base")
        yield Finding(_("to a number that has another message here too"), same, "amber", hint)
    if texts is None:
        return
    hint = "" if texts.now else _("counted when the base was loaded")
    yield Finding(_("free text, its 24-hour session open now"), texts.open, "green", hint)
    if texts.held_back:
        hint = _(
            "held back when their turn comes, unless the customer writes before: nothing is sent to them"
        )
        yield Finding(_("free text without an open 24-hour session"), texts.held_back, "amber", hint)


def templates_of(base: Base) -> list[tuple[str, int | None]]:
    """The templates that its lines use, by code, with the number of lines where it was counted."""
    found = base.found.get("templates") or {}
    if isinstance(found, dict):
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(code, None) for code in found]
