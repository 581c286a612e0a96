"""The messages of which nobody knows whether they left, as the card of their base lists them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Window
from django.db.models.functions import RowNumber

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
    nth = Window(RowNumber(), partition_by="batch", order_by="id")
    uncertain = Message.objects.filter(batch__in=batches, listed_state=State.UNCERTAIN)
    first = uncertain.annotate(nth=nth).filter(nth__lte=UNCONFIRMED_SHOWN)
    for message in first.select_related("contact").order_by("batch", "id"):
        number = readable(message.contact.contact)
        shown = Unconfirmed(str(message.pk), number, message.text, message.uncertain_at)
        found.setdefault(message.batch or 0, []).append(shown)
    return found
