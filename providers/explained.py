"""Why a message did not arrive, in the language of whoever reads it."""

from providers.errors import kind_of
from providers.models import Message
from providers.told import told


def explained(message: Message) -> str:
    """What the gate kept where it held the message back, else the named error's sentence; "" without an error."""
    if not message.error:
        return ""
    own = told(message.error_detail) if message.held_back else ""
    return own or str(kind_of(message.error).sentence)


def own_words(message: Message) -> str:
    """The provider's own words, as they came; "" where our gate held the message back."""
    return "" if message.held_back else message.error_detail
