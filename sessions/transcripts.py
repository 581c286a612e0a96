"""Conversations of interactions searched and exported: by days, campaign, agent, number and words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.visible import not_hidden, visible_to
from providers.contacts import contacts_of
from providers.errors import Refusal
from providers.models import Direction, Message
from sessions.asked_days import days
from sessions.holding import full_name
from sessions.models import ChatSession, Event, EventKind, Turn

PAGE = 50
MOST_DAYS = 92
MOST_EXPORTED = 20_000  # interactions of one file
READ_AT_ONCE = 200
PATIENCE = 8  # seconds for one search
NOTES = (EventKind.NOTE, EventKind.WHISPER)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Days, both included, on the reader's wall clock; ids and texts, empty where it does not matter."""

    first: date
    last: date
    campaign: str = ""
    agent: str = ""
    number: str = ""
    words: str = ""


def wanted(values: Mapping[str, str], today: date) -> Wanted:
    """What the query says, the last seven days where it names none. Raises Refusal `wrong_dates` (400)."""
    first, last = days(values, today, 7, MOST_DAYS)
    texts = {name: values.get(name, "").strip()[:200] for name in ("campaign", "agent", "number", "words")}
    return Wanted(first, last, **texts)


def found(asked: Wanted, user: User, zone: ZoneInfo) -> QuerySet[ChatSession]:
    """The interactions that a supervisor may read, newest first."""
    since = datetime.combine(asked.first, time.min, zone).astimezone(UTC)
    until = datetime.combine(asked.last + timedelta(days=1), time.min, zone).astimezone(UTC)
    sessions = ChatSession.objects.filter(not_hidden(user), opened_at__gte=since, opened_at__lt=until)
    if asked.campaign.isdecimal():
        sessions = sessions.filter(campaign__in=visible_to(user).filter(pk=int(asked.campaign)))
    if asked.agent.isdecimal():
        sessions = sessions.filter(agent=int(asked.agent))
    if asked.number:
        sessions = sessions.filter(contact__in=list(contacts_of(asked.number)))
    if asked.words:
        said = Turn.objects.filter(session=OuterRef("pk"), message__text__icontains=asked.words)
        sessions = sessions.filter(Exists(said))
    return sessions.select_related("contact__provider", "campaign", "agent", "disposition").order_by("-id")


def page(sessions: QuerySet[ChatSession], before: int) -> tuple[list[ChatSession], int | None]:
    """Up to PAGE of them, older than `before` (0 = the newest), and where the next page begins.

    Raises Refusal `too_slow` (503) after PATIENCE seconds.
    """
    if before:
        sessions = sessions.filter(pk__lt=before)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{PATIENCE}s"])
            shown = list(sessions[: PAGE + 1])
    except OperationalError as error:
        sentence = _("That takes too long. Choose fewer days, a campaign or an agent.")
        raise Refusal("too_slow", sentence, status=503) from error
    return shown[:PAGE], shown[PAGE - 1].pk if len(shown) > PAGE else None


def headings() -> list[str]:
    """The columns of an export."""
    of = (_("interaction"), _("campaign"), _("number"), _("customer"), _("agent"), _("disposition"))
    return [*of, _("comment"), _("time"), _("who"), _("text"), _("state")]


def records(sessions: QuerySet[ChatSession], zone: ZoneInfo) -> Iterator[list[str]]:
    """The header, then each message and note of each interaction, in short reads, the newest interaction first."""
    yield headings()
    keys = list(sessions.values_list("pk", flat=True)[:MOST_EXPORTED])
    for start in range(0, len(keys), READ_AT_ONCE):
        part = list(sessions.filter(pk__in=keys[start : start + READ_AT_ONCE]))
        said = _said(part)
        for session in part:
            head = _head(session)
            for at, who, text, state in sorted(said.get(session.pk, []), key=lambda one: one[0]):
                yield [*head, at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"), who, text, state]


def _head(session: ChatSession) -> list[str]:
    agent = full_name(session.agent) if session.agent else ""
    contact = session.contact
    named = (session.campaign or "", contact.contact, contact.name, agent, session.disposition or "")
    return [str(session.pk), *map(str, named), session.comment]


def _said(sessions: list[ChatSession]) -> dict[int, list[tuple[datetime, str, str, str]]]:
    """By interaction. Two queries."""
    lines: dict[int, list[tuple[datetime, str, str, str]]] = {}
    turns = Turn.objects.filter(session__in=sessions).select_related("message__author")
    for turn in turns:
        lines.setdefault(turn.session_id, []).append(_message(turn.message))
    for event in Event.objects.filter(session__in=sessions, kind__in=NOTES).select_related("user"):
        who = full_name(event.user) if event.user else ""
        lines.setdefault(event.session_id, []).append(
            (event.at, who, event.text, str(event.get_kind_display()))
        )
    return lines


def _message(message: Message) -> tuple[datetime, str, str, str]:
    text = message.text or f"[{message.kind}]"
    if message.direction == Direction.IN:
        return message.created_at, _("customer"), text, ""
    who = full_name(message.author) if message.author else _("automatic")
    state: Any = message.get_state_display()
    return message.created_at, who, text, str(state)
