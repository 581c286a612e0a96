"""A template as WhatsApp shows it: a bubble with header, text, footer and buttons, *bold* put into tags."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from providers.models import Template

TAGS = {"*": "strong", "_": "em", "~": "s"}
# A mark stands beside no letter on its outer side and beside no blank on its inner one; static/whatsapp/text.js
# has the same rule.
MARKED = re.compile(
    r"```(?P<code>[^`]+)```|(?<![^\W_])(?P<mark>[*_~])(?=\S)(?P<inner>(?:(?!(?P=mark))[^\n])+)(?<=\S)(?P=mark)(?![^\W_])"
)
DEEPEST = 5
MEDIA = {
    "image": _("a picture"),
    "video": _("a video"),
    "document": _("a document"),
    "location": _("a place"),
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """`text` is HTML. `media`: what the header holds where that is no text, in words."""

    text: SafeString
    header: str = ""
    media: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()


def bubble_of(template: Template, parameters: Sequence[str]) -> Bubble:
    """A template filled in; a parameter that is missing stays visible as {{n}}."""
    return around(template, template.render(list(parameters)))


def around(template: Template | None, text: str) -> Bubble:
    """A text that was made of a template, with what the template puts around it; a free text without one."""
    if template is None:
        return Bubble(formatted(text))
    kind = template.header_type
    media = "" if kind in ("", "text") else str(MEDIA.get(kind, kind))
    buttons = tuple(map(str, template.buttons)) if isinstance(template.buttons, list) else ()
    return Bubble(formatted(text), template.header, media, template.footer, buttons)


def plain(text: str) -> Bubble:
    """A text as it is, where nothing is formatted: an SMS."""
    return Bubble(escape(text))


def formatted(text: str, depth: int = 0) -> SafeString:
    """The text as HTML: *bold*, _italic_, ~struck~ and ```code``` in tags, all else escaped."""
    parts: list[SafeString] = []
    at = 0
    for found in MARKED.finditer(text) if depth < DEEPEST else ():
        parts.append(escape(text[at : found.start()]))
        if found["code"] is not None:
            parts.append(format_html("<code>{}</code>", found["code"]))
        else:
            inner = formatted(found["inner"], depth + 1)
            parts.append(format_html("<{0}>{1}</{0}>", TAGS[found["mark"]], inner))
        at = found.end()
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))  # noqa: S308 - every part of it is escaped above
