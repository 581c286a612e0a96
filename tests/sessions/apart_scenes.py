"""Two people whose numbers have one canonical form: what they and we write, and the act that tells them apart."""

from datetime import datetime

from accounts.models import User
from providers import ledger
from providers.contacts import contact_for
from providers.ledger import Move
from providers.models import Contact, Direction, Message, Provider
from providers.states import State
from sessions.apart import tell_apart
from sessions.models import ChatSession, SessionState
from tests.factories import (
    NOW,
)
from tests.providers.scenes import message_item, messages

LANDLINE, MOBILE = "541123456789", "5491123456789"


def writes(
    provider: Provider, number: str, text: str = "Hello", at: datetime = NOW, **more: object
) -> Message:
    """A customer's message, through the callback."""
    messages(provider, message_item(number, text, at, **more), at=at)
    return Message.objects.filter(direction=Direction.IN).latest("id")


def written_to(provider: Provider, number: str, at: datetime = NOW, batch: int | None = None) -> Message:
    """A message of ours to that spelling."""
    draft = ledger.Draft(
        contact_for(provider, number), "text", {"text": "Hi"}, "Hi", address=number, batch=batch
    )
    (message,) = ledger.queue(provider, [draft], at)
    ledger.move([Move(message.pk, State.SENT, {"sent_at": at})])
    return message


def the(number: str) -> Contact:
    return Contact.objects.get(contact=number)


def texts_of(number: str) -> list[str]:
    return list(Message.objects.filter(contact__contact=number).order_by("id").values_list("text", flat=True))


def apart(supervisor: User, now: datetime = NOW) -> None:
    tell_apart(Contact.objects.get(), supervisor, "They are two.", now)


def open_sessions() -> dict[str, str]:
    """The state of each open interaction, by number."""
    found = ChatSession.objects.exclude(state=SessionState.CLOSED).select_related("contact")
    return {session.contact.contact: session.state for session in found}
