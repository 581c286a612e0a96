"""A conversation in the order of time: messages, and among them what happened, which only colleagues see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from providers.models import Contact, Message
from sessions import selectors
from sessions.desk.bubbles import Bubble, bubbles
from sessions.models import Event, EventKind
from sessions.services import full_name

MOST = 500  # events of one page
OURS = {EventKind.NOTE: _("Note"), EventKind.WHISPER: pgettext_lazy("supervisor's note", "Whisper")}
# What was done: by somebody, by itself. `to` is a colleague or a campaign.
DONE: Mapping[str, tuple[str | Promise, str | Promise]] = {
    EventKind.TRANSFERRED: (_("%(user)s transferred it to %(to)s"), _("Transferred to %(to)s")),
    EventKind.RETURNED: (_("%(user)s gave it back to %(to)s"), _("It came back: %(to)s did not answer")),
    EventKind.TAKEN_OVER: (_("%(user)s took it over from %(to)s"), _("Taken over from %(to)s")),
    EventKind.GIVEN_BACK: (_("%(user)s gave it back to the queue"), _("From %(to)s back to the queue")),
    EventKind.MOVED: (_("%(user)s moved it to %(to)s"), _("Moved to %(to)s")),
    EventKind.ASSIGNED: (_("%(user)s assigned it to %(to)s"), _("Assigned to %(to)s")),
    EventKind.RESCHEDULED: (_("%(user)s had rescheduled it for now"), _("It was rescheduled for now")),
    EventKind.CLOSED: (_("%(user)s closed the interaction"), _("Closed by itself")),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as the page shows it. `label`: of a colleague's note, whose text is `text`; else `sentence` says it."""

    event: Event
    label: str
    sentence: str
    author: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Up to which message and which event a page shows a conversation, and in which version its state."""

    after: int = 0
    after_event: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One page of a conversation, oldest first. `older_than`: its first message, where the ledger goes further back."""

    entries: list[Bubble | Happening]
    messages: list[Message]
    older_than: int | None
    shown: Shown


def stretch(contact: Contact, before_id: int | None = None, since_id: int | None = None) -> Stretch:
    """The newest page, the one before message `before_id`, or all from `since_id` up to there (see selectors)."""
    messages = selectors.conversation(contact, before_id=before_id, since_id=since_id)
    more = bool(messages) and selectors.has_older(contact, messages[0].pk)
    events = _events(contact)
    newest = events.order_by("-id").values_list("id", flat=True).first() or 0
    if more:
        events = events.filter(at__gte=messages[0].created_at)
    if before_id is not None:
        before = Message.objects.filter(id=before_id, contact=contact).values("created_at")[:1]
        events = events.filter(at__lt=before)
    shown = Shown(messages[-1].pk if messages else 0, newest)
    found = list(events.order_by("-id")[:MOST])[::-1]
    return Stretch(merged(messages, found), messages, messages[0].pk if more else None, shown)


def news(contact: Contact, shown: Shown, newest: int | None = None) -> Stretch:
    """What came after what a page shows. `newest`: the ledger's last message, where that is known."""
    none = newest is not None and newest <= shown.after
    messages = [] if none else selectors.conversation(contact, after_id=shown.after)
    after = Event.objects.filter(contact=contact, id__gt=shown.after_event).order_by("id")
    # Most looks find none, and this asks for less than the events with all that they name.
    ids = list(after.values_list("id", flat=True)[:MOST])
    events = list(_events(contact).filter(id__in=ids).order_by("id")) if ids else []
    now = Shown(messages[-1].pk if messages else shown.after, events[-1].pk if events else shown.after_event)
    return Stretch(merged(messages, events), messages, None, now)


def _events(contact: Contact) -> QuerySet[Event]:
    return Event.objects.filter(contact=contact).select_related(
        "user", "whom", "campaign", "session__disposition__parent__parent"
    )


def merged(messages: Iterable[Message], events: Iterable[Event]) -> list[Bubble | Happening]:
    """Both in the order of time; messages among themselves stay in that of the ledger."""
    shown: list[tuple[datetime, Bubble | Happening]] = [
        (bubble.message.created_at, bubble) for bubble in bubbles(messages)
    ]
    happened: list[tuple[datetime, Bubble | Happening]] = [(event.at, happening(event)) for event in events]
    return [entry for _at, entry in merge(shown, happened, key=lambda one: one[0])]


def happening(event: Event) -> Happening:
    """One event in words."""
    author = full_name(event.user) if event.user else ""
    if event.kind in OURS:
        return Happening(event, str(OURS[EventKind(event.kind)]), "", author)
    by_somebody, by_itself = DONE[event.kind]
    to = full_name(event.whom) if event.whom else ""
    if not to and event.campaign:
        to = _now("the campaign %(name)s") % {"name": event.campaign}
    sentence = str(by_somebody if author else by_itself) % {"user": author, "to": to or "–"}
    if event.kind == EventKind.CLOSED and event.session.disposition:
        sentence = f"{sentence} · {event.session.disposition.path}"
    return Happening(event, "", sentence, author)
