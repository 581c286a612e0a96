"""The messages of which nobody knows whether they left, as the card of their base lists them."""

from dataclasses import dataclass
from datetime import datetime

from providers.models import Message
from providers.numbers import display as readable
from providers.states import State

UNCONFIRMED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A message of which nobody knows whether it left."""

    pk: str
    number: str
    text: str
    since: datetime | None


def unconfirmed_of(batches: list[int]) -> dict[int, list[Unconfirmed]]:
    """The first of each batch, by batch; one query, none for no batches."""
    if not batches:
        return {}
    found: dict[int, list[Unconfirmed]] = {}
    messages = Message.objects.filter(batch__in=batches, state=State.UNCERTAIN).select_related("contact")
    for message in messages.order_by("batch", "id")[: UNCONFIRMED_SHOWN * len(batches)]:
        shown = found.setdefault(message.batch or 0, [])
        if len(shown) < UNCONFIRMED_SHOWN:
            number = readable(message.contact.contact)
            shown.append(Unconfirmed(str(message.pk), number, message.text, message.uncertain_at))
    return found
