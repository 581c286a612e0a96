"""Single messages: through the gate, into the ledger, on to the lane that never waits behind a base."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from providers import gate, ledger, media_sent
from providers.drivers import driver_for
from providers.errors import Refusal
from providers.media_sent import Chosen
from providers.models import Contact, Message, Provider
from providers.models.message import Kind
from providers.templates import TemplateBook, check_parameters, content_of, require_approved
from providers.wake import REPLY_TASK, wake


@dataclass(frozen=True, slots=True)
class Composed:
    """What to say: kind and content for the wire, text as the customer reads it, and the file that goes along.

    A file leaves once it is stored: `media_sent.keep`.
    """

    kind: str
    content: dict[str, Any]
    text: str
    file: Chosen | None = None


def compose_text(text: str) -> Composed:
    """Free text. Raises Refusal where it is empty; how long it may be is the provider's, and so the gate's."""
    if not text.strip():
        raise Refusal("empty", _("Write a text first."), status=400)
    return Composed(Kind.TEXT, {"text": text}, text)


def compose_file(chosen: Chosen, caption: str) -> Composed:
    """A file with its caption. Raises Refusal `no_caption` for sound, which carries none."""
    caption = caption.strip()
    if caption and chosen.kind == Kind.AUDIO:
        raise Refusal("no_caption", _("Sound carries no text. Send the text by itself."), status=400)
    return Composed(chosen.kind, {"type": chosen.wire_type, "caption": caption}, caption, chosen)


def compose_template(
    provider: Provider, code: str, parameters: Sequence[str], language: str = ""
) -> Composed:
    """A template with its parameters. Raises Refusal where there are none, or one of both will not do."""
    if not driver_for(provider.api_type).templates:
        raise Refusal("no_templates", status=400)
    template = TemplateBook(provider).find(code, language)
    require_approved(template)
    check_parameters(template, parameters)
    return Composed(Kind.HSM, content_of(template, parameters), template.render(list(parameters)))


def send(contact: Contact, composed: Composed, author: User | None, now: datetime) -> Message:
    """Queues one message and wakes its lane once committed. Raises Refusal where the gate says no.

    One with a file does not leave before that is stored.
    """
    provider = contact.provider
    candidate = gate.Candidate(0, contact, contact.address, composed.kind, composed.content)
    refused = gate.check(provider, [candidate], now)
    if refused:
        raise refused[0]
    draft = ledger.Draft(
        contact, composed.kind, composed.content, composed.text, author_id=author.pk if author else None
    )
    with transaction.atomic():
        (message,) = ledger.queue(provider, [draft], now)
        if composed.file:
            media_sent.expect(message, composed.file, now)
            return message
    transaction.on_commit(partial(wake, REPLY_TASK))
    return message
