"""A message as the conversation shows it: whose it is, its ticks, and what to do where it did not arrive."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from providers.errors import kind_of
from providers.explained import explained
from providers.models import Direction, Message
from providers.models.message import Kind
from providers.states import TROUBLE, State
from sessions.desk.attachments import Attachment, attachment, kind_word
from sessions.services import full_name

TONES = {
    State.QUEUED: "grey",
    State.SUBMITTING: "grey",
    State.UNCERTAIN: "amber",
    State.ACCEPTED: "blue",
    State.REFUSED: "red",
    State.SENT: "blue",
    State.EXPIRED: "red",
    State.FAILED: "red",
    State.DELIVERED: "teal",
    State.READ: "green",
}
MARKS = {
    State.QUEUED: "◷",
    State.SUBMITTING: "◷",
    State.UNCERTAIN: "?",
    State.ACCEPTED: "✓",
    State.REFUSED: "!",
    State.SENT: "✓",
    State.EXPIRED: "!",
    State.FAILED: "!",
    State.DELIVERED: "✓✓",
    State.READ: "✓✓",
}


@dataclass(frozen=True, slots=True)
class Ticks:
    """How far a message of ours came. `way_out`: `template` or `again` where the page offers an act."""

    message_id: int
    mark: str
    word: str
    tone: str
    reason: str = ""
    way_out: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    """`label`: the kind of a message that has no text of its own; `author`: of ours, empty for automatic ones."""

    message: Message
    ours: bool
    template: bool
    label: str
    author: str
    ticks: Ticks | None
    media: Attachment | None = None


def bubbles(messages: Iterable[Message]) -> list[Bubble]:
    """Messages, authors and media loaded, as the page shows them."""
    return [_bubble(message) for message in messages]


def _bubble(message: Message) -> Bubble:
    ours = message.direction == Direction.OUT
    media = attachment(message)
    label = "" if message.text or media else kind_word(message.kind)
    author = full_name(message.author) if message.author else ""
    return Bubble(
        message, ours, message.kind == Kind.HSM, label, author, ticks(message) if ours else None, media
    )


def ticks(message: Message) -> Ticks:
    """The state in sign, word and colour; with the reason and the way out where it did not arrive."""
    state = State(message.state)
    word = str(_("held back by us") if message.held_back else state.label)
    if state not in TROUBLE:
        return Ticks(message.pk, MARKS[state], word, TONES[state])
    kind, tone = kind_of(message.error), "amber" if message.held_back else TONES[state]
    way_out = "template" if message.error == "window_closed" else ""
    if not way_out and kind.again and message.kind == Kind.TEXT and state != State.UNCERTAIN:
        way_out = "again"
    return Ticks(message.pk, MARKS[state], word, tone, explained(message), way_out)
