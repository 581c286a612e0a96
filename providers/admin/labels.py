"""States as coloured labels: the same colour and the same word on every page."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.labels import label
from providers.models import Message
from providers.models.contact import ERASED
from providers.models.template import TemplateState
from providers.numbers import display as readable
from providers.states import State

COLOURS: dict[str, str] = {
    "pending": "grey",
    "queued": "grey",
    "submitting": "grey",
    "uncertain": "amber",
    "accepted": "blue",
    "refused": "red",
    "held_back": "amber",
    "sent": "blue",
    "expired": "red",
    "failed": "red",
    "delivered": "teal",
    "read": "green",
    "replied": "green",
    "received": "green",
    "skipped": "grey",
}
TEMPLATE_COLOURS: dict[str, str] = {
    TemplateState.APPROVED: "green",
    TemplateState.IN_ANALYSIS: "amber",
    TemplateState.DISAPPROVED: "red",
    TemplateState.ERROR: "red",
}


def phone(number: str) -> SafeString:
    """A number as people write it, on one line."""
    if number.startswith(ERASED):
        return format_html('<span class="quiet">{}</span>', _("erased on request"))
    return format_html('<span class="phone">{}</span>', readable(number))


def test_label(message: Message) -> SafeString:
    """That somebody tried out a line of a base with it; empty for every other message."""
    return format_html("{} ", label("grey", _("test send"))) if message.is_test else SafeString("")


def state_label(message: Message) -> SafeString:
    """A message's state."""
    if message.held_back:
        return label(COLOURS["held_back"], _("held back by us"))
    return label(COLOURS[State(message.state).key], State(message.state).label)
