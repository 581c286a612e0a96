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
    """Raises Refusal `template_not_approved` where a template of the base may not be sent at `now`. Two queries."""
    why = why_not(base, now)
    if why:
        sentence = _(
            "“%(base)s” cannot be started. %(why)s A supervisor may let it be sent all the same, on its page."
        )
        raise Refusal("template_not_approved", sentence % {"base": base.name, "why": why})


def why_not(base: Base, now: datetime) -> str:
    """Which of its templates may not be sent, in a sentence; "" where all may. Two queries."""
    if not base.dialer.takes_templates:
        return ""
    book = TemplateBook(base.dialer.provider)
    for template in _used(base, book, now):
        try:
            require_approved(template, now)
        except Refusal as refusal:
            return str(refusal)
    return ""


def _used(base: Base, book: TemplateBook, now: datetime) -> Iterator[Template]:
    """Those of the rows that leave next; and of what the import counted, the codes no language of which may be sent."""
    waiting = Row.objects.filter(base=base, state=RowState.PENDING).order_by("priority", "line")
    for kind, content in waiting.values_list("kind", "content")[:LOOKED_AT]:
        found = book.by_code.get(content["code"], {}) if kind == Kind.HSM else {}
        if content.get("language") in found:
            yield found[content["language"]]
    for code in base.found.get("templates") or ():
        languages = list(book.by_code.get(code, {}).values())
        if languages and not any(one.may_be_sent(now) for one in languages):
            yield languages[0]
