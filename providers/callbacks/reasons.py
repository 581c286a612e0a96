"""Why an item is in quarantine, in the reader's language: it is written down in English, as the parsers say it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By how the written reason begins.
WHY: dict[str, str | Promise] = {
    "The item is not an object": _("It is no object, so it holds no message and no status."),
    "The status has neither id": _("The status names no message: it has neither id nor correlationId."),
    "The message has no id": _("The message has no id, so nobody could tell it from its repetition."),
    "The message has no source": _("The message has no source, so nobody knows who wrote it."),
    "The message's id is longer": _("The message's id is longer than any that Wavy gives."),
    "The message's source is longer": _("The message's source is too long to be a number."),
    "Neither origin nor": _("It came to the open address and names none of our providers."),
    "No JSON": _("The body is no JSON object or array."),
    "Too many items": _("The body holds more items than can be applied at once."),
}


def why(reason: str) -> str:
    """The sentence for a written reason; the written one itself where there is none."""
    return next((str(sentence) for begin, sentence in WHY.items() if reason.startswith(begin)), reason)
