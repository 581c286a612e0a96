"""The whole story of one number: what left for and came from it, who spoke with it, when it was not to be called."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from campaigns.visible import not_hidden
from dialers.models import Base
from providers.apart import other_spelling
from providers.explained import explained
from providers.models import Contact, Direction, DoNotCall, DoNotCallRemoval, Message, NumberApart
from providers.models.message import TEST_OF
from providers.numbers import canonical
from providers.people import contacts_with
from providers.states import STAGES, TROUBLE
from sessions.desk.attachments import Attachment, attachment
from sessions.desk.bubbles import Ticks, ticks
from sessions.models import ChatSession
from sessions.selectors import readable

PAGE = 50  # messages
BESIDE = 200  # of what else there is on a page
MAY_READ = "providers.view_message"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind`: message, interaction, listed, removed, apart or merged; `of` its row."""

    at: datetime
    kind: str
    of: Any
    provider: str = ""
    base: Base | None = None
    ticks: Ticks | None = None
    media: Attachment | None = None
    stages: tuple[tuple[str, datetime], ...] = ()
    why: str = ""

    @property
    def ours(self) -> bool:
        """Whether it is a message of ours."""
        return self.kind == "message" and self.of.direction == Direction.OUT


@dataclass(frozen=True, slots=True)
class Story:
    """A page of it, the newest first. `older`: the message before which the next page begins."""

    number: str
    contacts: list[Contact]
    entries: list[Entry]
    blocked: list[DoNotCall]
    other: str = ""
    older: int | None = None
    begun: bool = False


@dataclass(slots=True)
class _Span:
    """The time that a page covers: after `low`, up to `high`; None is without end."""

    low: datetime | None = None
    high: datetime | None = None
    seen: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        if (self.low is None or entry.at > self.low) and (self.high is None or entry.at <= self.high):
            self.seen.append(entry)


def story(number: str, user: User, before: int | None = None) -> Story | None:
    """The page of a number's story that the user may read; None where nothing is known of it.

    Bounded queries, however long the story is. What belongs to campaigns that are kept from the user is left out;
    interactions are for supervisors alone.
    """
    contacts = contacts_with([number])
    blocked = list(_entries(number).select_related("provider", "created_by")[:BESIDE])
    removed = list(_removals(number).select_related("provider", "removed_by")[:BESIDE])
    if not contacts and not blocked and not removed:
        return None
    messages, older = _messages(contacts, user, before)
    span = _Span(messages[-1].created_at if older else None, _when(contacts, before))
    found = [_message_entry(message, bases) for bases in [_bases(messages)] for message in messages]
    if user.is_supervisor:
        _add_interactions(span, contacts, user)
    _add_registry(span, blocked, removed)
    _add_apart(span, number, contacts)
    entries = sorted([*found, *span.seen], key=lambda entry: entry.at, reverse=True)
    return Story(number, contacts, entries, blocked, other_spelling(number), older, before is not None)


def _entries(number: str) -> QuerySet[DoNotCall]:
    """What holds for whoever has this number: an entry for all providers is in the canonical form."""
    everywhere = Q(number=canonical(number), provider=None)
    return DoNotCall.objects.filter(Q(number=number) | everywhere).order_by("-created_at")


def _removals(number: str) -> QuerySet[DoNotCallRemoval]:
    everywhere = Q(number=canonical(number), provider=None)
    return DoNotCallRemoval.objects.filter(Q(number=number) | everywhere).order_by("-removed_at")


def _messages(
    contacts: Sequence[Contact], user: User, before: int | None
) -> tuple[list[Message], int | None]:
    """The newest of all of them together, through each one's own index."""
    if not contacts:
        return [], None
    readers = readable(Message.objects.all(), user)
    if before is not None:
        readers = readers.filter(pk__lt=before)
    parts = [
        readers.filter(contact=contact).order_by("-id").values_list("id", flat=True)[: PAGE + 1]
        for contact in contacts
    ]
    keys = (
        list(parts[0].union(*parts[1:], all=True).order_by("-id")[: PAGE + 1])
        if parts[1:]
        else list(parts[0])
    )
    shown = keys[:PAGE]
    found = Message.objects.filter(pk__in=shown).select_related("provider", "author", "decided_by", "media")
    return list(found.order_by("-id")), shown[-1] if len(keys) > PAGE else None


def _when(contacts: Sequence[Contact], before: int | None) -> datetime | None:
    """When the message was made with which the previous page ended."""
    if before is None:
        return None
    found = Message.objects.filter(pk=before, contact__in=[contact.pk for contact in contacts])
    return found.values_list("created_at", flat=True).first()


def _bases(messages: Sequence[Message]) -> dict[int, Base]:
    keys = {key for message in messages if (key := _base_key(message)) is not None}
    return Base.objects.select_related("dialer__campaign", "started_by").in_bulk(keys) if keys else {}


def _base_key(message: Message) -> int | None:
    """The base that a message left in, or one of whose lines it tried out."""
    if message.batch is not None or not message.is_test:
        return message.batch
    test_of = message.content[TEST_OF]
    key = test_of.get("base") if isinstance(test_of, dict) else None
    return key if isinstance(key, int) else None


def _message_entry(message: Message, bases: dict[int, Base]) -> Entry:
    reached = [(str(state.label), at) for state, column in STAGES.items() if (at := getattr(message, column))]
    ours = message.direction == Direction.OUT
    return Entry(
        message.created_at,
        "message",
        message,
        message.provider.name,
        bases.get(_base_key(message) or 0),
        ticks(message) if ours else None,
        attachment(message),
        tuple(sorted(reached, key=lambda pair: pair[1])),
        explained(message) if message.state in TROUBLE else "",
    )


def _add_interactions(span: _Span, contacts: Sequence[Contact], user: User) -> None:
    sessions = ChatSession.objects.filter(not_hidden(user), contact__in=[one.pk for one in contacts])
    if span.low is not None:
        sessions = sessions.filter(opened_at__gt=span.low)
    if span.high is not None:
        sessions = sessions.filter(opened_at__lte=span.high)
    names = {contact.pk: contact.provider.name for contact in contacts}
    for one in sessions.select_related("campaign", "agent", "closed_by").order_by("-opened_at")[:BESIDE]:
        span.add(Entry(one.opened_at, "interaction", one, names[one.contact_id]))


def _add_registry(span: _Span, blocked: Sequence[DoNotCall], removed: Sequence[DoNotCallRemoval]) -> None:
    for entry in blocked:
        span.add(Entry(entry.created_at, "listed", entry, entry.provider.name if entry.provider else ""))
    for gone in removed:
        where = gone.provider.name if gone.provider else ""
        span.add(Entry(gone.removed_at, "removed", gone, where))


def _add_apart(span: _Span, number: str, contacts: Sequence[Contact]) -> None:
    """When it was told apart from its other spelling, and merged again."""
    other = other_spelling(number)
    if not other or not contacts:
        return
    acts = NumberApart.objects.filter(number__in={number, other}).select_related(
        "provider", "told_by", "merged_by"
    )
    for act in acts.order_by("-pk")[:BESIDE]:
        span.add(Entry(act.told_at, "apart", act, act.provider.name))
        if act.merged_at:
            span.add(Entry(act.merged_at, "merged", act, act.provider.name))
