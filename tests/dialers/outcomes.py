"""A base whose rows came to different ends, each the way that it comes about in the product."""

from datetime import timedelta

from dialers.models import Base, Dialer, Row
from providers import ledger
from providers.ledger import Move
from providers.models import Message
from providers.states import STAGES, State
from tests.dialers.files import ADDRESS, hsm_lines, settle, started
from tests.factories import NOW, incoming

LATER = NOW + timedelta(minutes=5)


def sent_base(dialer: Dialer, n: int, message: str = "hsm:notice:row {n}") -> Base:
    """A base of which every row was taken by Wavy; it is finished. Needs the fixture `wavy`."""
    base = started(dialer, hsm_lines(n, message))
    settle(base)
    settle(base)
    base.refresh_from_db()
    return base


def messages_of(base: Base) -> list[Message]:
    """In the order of the file."""
    rows = Row.objects.filter(base=base).order_by("line").select_related("message__contact__provider")
    return [row.message for row in rows if row.message]


def become(message: Message, state: State, error: str = "") -> None:
    """A status told of it."""
    ledger.move([Move(message.pk, state, {STAGES[state]: LATER}, error=error)])


def reply(message: Message) -> None:
    """The customer answers it."""
    incoming(message.contact, at=LATER, answers=message)
    ledger.mark_replied({message.pk: LATER})


def number(n: int) -> str:
    """Of the nth line of `hsm_lines`."""
    return str(ADDRESS + n)


def numbers(base: Base) -> list[str]:
    """The people of a base, in the order of the file."""
    return list(Row.objects.filter(base=base).order_by("line").values_list("contact", flat=True))
