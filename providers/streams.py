"""What a page's stream of hints hears: its channels, and the signed ticket that names them.

Knows no settings, so that the push process reads tickets without the rest of the product.
"""

from dataclasses import dataclass

from django.core.signing import BadSignature, TimestampSigner

PREFIX = "live"
SALT = "uContact-Wavy.stream"
EVERY_QUEUE = "all"
EVERYBODY = f"{PREFIX}:all"
TICKET_HOURS = 8


def channel(kind: str, name: int | str) -> str:
    """The channel of a `user`, a `contact` or a `queue` by its id; `all` is every queue."""
    return f"{PREFIX}:{kind}:{name}"


def kind_of(name: str) -> str:
    """What kind of channel it is."""
    return name.split(":")[1]


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose stream it is, the campaigns whose queue it hears (None: every one's), whose conversation is open."""

    user: int
    queues: tuple[int, ...] | None = ()
    contact: int | None = None

    def channels(self) -> frozenset[str]:
        """What the stream listens to."""
        queues: tuple[int | str, ...] = (EVERY_QUEUE,) if self.queues is None else self.queues
        heard = {channel("user", self.user), *(channel("queue", queue) for queue in queues)}
        return frozenset(heard if self.contact is None else {*heard, channel("contact", self.contact)})


def seal(ticket: Ticket, key: str) -> str:
    """The ticket as text, signed with its time."""
    return _signer(key).sign_object([ticket.user, ticket.queues, ticket.contact])


def unseal(text: str, key: str) -> Ticket:
    """The ticket again. Raises BadSignature for what was not sealed with this key, or more than hours ago."""
    try:
        user, queues, contact = _signer(key).unsign_object(text, max_age=TICKET_HOURS * 3600)
    except ValueError as error:
        raise BadSignature("this is no ticket") from error
    return Ticket(user, None if queues is None else tuple(queues), contact)


def _signer(key: str) -> TimestampSigner:
    return TimestampSigner(key=key, salt=SALT, fallback_keys=[])
