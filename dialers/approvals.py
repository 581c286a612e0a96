"""Whether the templates of a base may be sent: asked before it starts; the gate asks again for each message."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from dialers.models import Base, Row, RowState
from providers.errors import Refusal
from providers.models import Template
from providers.models.message import Kind
from providers.templates import TemplateBook, require_approved

LOOKED_AT = 200  # of the rows that leave next


def require_sendable(base: Base, now: datetime) -> None:
    """Raises Refusal `template_not_approved` where a template of the base may not be sent at `now`."""
    why = why_not(base, now)
    if why:
        sentence = _(
            "“%(base)s” cannot be started. %(why)s A supervisor may let it be sent all the same, on its page."
        )
        raise Refusal("template_not_approved", sentence % {"base": base.name, "why": why})


def why_not(base: Base, now: datetime, templates: TemplateBook | None = None) -> str:
    """Which of its templates may not be sent, in a sentence; "" where all may. Two queries at most."""
    if not base.dialer.takes_templates:
        return ""
    book = templates or TemplateBook(base.dialer.provider)
    for template in _used(base, book, now):
        try:
            require_approved(template, now)
        except Refusal as refusal:
            return str(refusal)
    return ""


def _used(base: Base, book: TemplateBook, now: datetime) -> Iterator[Template]:
    """Of the codes that the import counted, what may not be sent in any language; and where that depends on the
    language, what the rows that leave next have."""
    mixed = False
    for code in base.found.get("templates") or ():
        languages = list(book.by_code.get(code, {}).values())
        held = [one for one in languages if not one.may_be_sent(now)]
        if held and len(held) == len(languages):
            yield held[0]
        mixed = mixed or bool(held)
    if not mixed:
        return
    waiting = Row.objects.filter(base=base, state=RowState.PENDING).order_by("priority", "line")
    for kind, content in waiting.values_list("kind", "content")[:LOOKED_AT]:
        template = book.known(content) if kind == Kind.HSM else None
        if template is not None:
            yield template
