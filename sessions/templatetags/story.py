"""How the pages of a number's story write numbers, names and times."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from accounts.labels import moment
from accounts.models import User
from providers.models import Contact
from providers.numbers import display
from sessions.desk.attachments import kind_word
from sessions.models import SessionState
from sessions.services import full_name

register = template.Library()
TONES = {SessionState.WAITING: "amber", SessionState.ACTIVE: "green", SessionState.CLOSED: "grey"}


@register.filter
def written(number: str) -> str:
    """A number as people write it."""
    return display(number)


@register.filter
def who_is(user: User | None) -> str:
    """Somebody's name; a dash for who is there no more."""
    return full_name(user) if user else "–"


@register.filter
def first_name(contacts: Sequence[Contact]) -> str:
    """The name that one of them has."""
    return next((contact.name for contact in contacts if contact.name), "")


@register.filter
def last_written(contacts: Sequence[Contact]) -> SafeString | str:
    """When one of them wrote last."""
    times = [contact.last_incoming_at for contact in contacts if contact.last_incoming_at]
    return moment(max(times, default=None))


@register.filter
def message_kind(kind: str) -> str:
    """What a message without text is."""
    return str(kind_word(kind))


@register.filter
def session_tone(state: str) -> str:
    """The colour of an interaction's state."""
    return TONES[SessionState(state)]
