"""The lists of the desk: what waits, what the agent holds, how much of it is unread, and what is new about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from providers.models import Direction, Message
from providers.numbers import display
from providers.records import bigints
from sessions import selectors
from sessions.models import ChatSession, SessionState, Transfer, TransferEnding
from sessions.services import full_name
from sessions.strategies import OFFERED_TO_ALL

SHORT = 80  # characters of a message in a notification
# All that a line needs: reading the rest of five tables would cost more than everything else here.
SHOWN = (
    *("state", "opened_at", "contact__name", "contact__contact", "contact__provider__name"),
    *("campaign__name", "campaign__strategy"),
    *("agent__username", "agent__first_name", "agent__last_name"),
)
LAST = ("contact", "direction", "kind", "text", "created_at", "received_at")


@dataclass(frozen=True, slots=True)
class Line:
    """An interaction as a list shows it. `since`: when it came, or when its last message was written.

    `unread`: customer's messages that its agent has not seen. `mark`: what is special about it, in a few words;
    `news`: the sentence for whoever is to be told of it.
    """

    session: ChatSession
    last: Message | None
    since: datetime
    unanswered: bool
    unread: int
    mark: str
    news: str


def lists_of(user: User) -> dict[str, Any]:
    """Pending, active and, for supervisors, unrouted interactions. Bounded queries, however many lines."""
    wanted = {"pending": selectors.pending(user), "active": selectors.active(user)}
    if user.is_supervisor:
        wanted["unrouted"] = selectors.unrouted()
    shown = {name: list(sessions.only(*SHOWN)[: selectors.LIST_LIMIT]) for name, sessions in wanted.items()}
    lines = _lines([session for sessions in shown.values() for session in sessions], user)
    parts = {
        name: _part(sessions, shown[name], [lines[session.pk] for session in shown[name]])
        for name, sessions in wanted.items()
    }
    unread = sum(line.unread for name in ("pending", "active") for line in parts[name]["lines"])
    return {"unrouted": None, **parts, "unread": unread}


def signs(lists: dict[str, Any]) -> list[Any]:
    """Whatever of the lists a page shows: where it is the same, nothing has to be rendered."""
    return [
        (name, lists[name]["count"], [_sign(line) for line in lists[name]["lines"]])
        for name in ("pending", "active", "unrouted")
        if lists[name]
    ]


def _sign(line: Line) -> tuple[Any, ...]:
    session = line.session
    shown = (line.since, line.unanswered, line.unread, line.mark, line.news, line.last and line.last.pk)
    names = (session.contact.name, session.contact.contact, str(session.campaign or session.contact.provider))
    return (session.pk, session.state, *shown, *names)


def tab_of(lists: dict[str, Any], open_id: int | None) -> str:
    """Which list to show first: that of the open interaction, else the first one with something in it."""
    parts = {name: lists[name]["lines"] for name in ("pending", "active", "unrouted") if lists[name]}
    with_it = (name for name, lines in parts.items() if any(line.session.pk == open_id for line in lines))
    filled = (name for name, lines in parts.items() if lines)
    return next(with_it, None) or next(filled, "pending")


def _part(
    sessions: QuerySet[ChatSession], shown: Sequence[ChatSession], lines: Sequence[Line]
) -> dict[str, Any]:
    more = len(shown) == selectors.LIST_LIMIT
    count = sessions.count() if more else len(shown)
    unread = sum(line.unread for line in lines)
    return {"lines": lines, "count": count, "more": more, "unread": unread}


ABOUT = """
SELECT s.id,
    (SELECT m.id FROM providers_message m WHERE m.contact_id = s.contact_id ORDER BY m.id DESC LIMIT 1),
    (SELECT count(*) FROM chat_sessions_turn t JOIN providers_message m ON m.id = t.message_id
     WHERE t.session_id = s.id AND t.message_id > s.read_up_to AND m.direction = %s),
    (SELECT x.id FROM chat_sessions_transfer x
     WHERE x.session_id = s.id AND (x.ended_at IS NULL OR x.sender_id = %s AND x.ending = %s)
     ORDER BY x.id DESC LIMIT 1)
FROM chat_sessions_chatsession s WHERE s.id = ANY(%s::bigint[])
"""


def _lines(sessions: Sequence[ChatSession], user: User) -> dict[int, Line]:
    """By id of the interaction. Two queries, and one where something is passed on."""
    with connection.cursor() as cursor:
        ids = bigints(session.pk for session in sessions)
        cursor.execute(ABOUT, [Direction.IN, user.pk, TransferEnding.RETURNED, ids])
        about = {row[0]: row[1:] for row in cursor.fetchall()}
    last = Message.objects.only(*LAST).in_bulk([row[0] for row in about.values() if row[0]])
    passed_on = [row[2] for row in about.values() if row[2]]
    passing = Transfer.objects.select_related("sender", "to_agent", "to_campaign")
    transfers = passing.in_bulk(passed_on) if passed_on else {}
    lines = {}
    for session in sessions:
        newest, unread, transfer = about.get(session.pk, (None, 0, None))
        lines[session.pk] = _line(session, user, last.get(newest), unread, transfers.get(transfer))
    return lines


def _line(
    session: ChatSession, user: User, last: Message | None, unread: int, transfer: Transfer | None
) -> Line:
    since = session.opened_at
    if last is not None and session.state != SessionState.WAITING:
        since = last.received_at or last.created_at
    unanswered = last is not None and last.direction == Direction.IN
    name = session.contact.name or display(session.contact.contact)
    mark, news = _news(session, user, name, last, transfer)
    return Line(session, last, since, unanswered, unread, mark, news)


def _news(
    session: ChatSession, user: User, name: str, last: Message | None, transfer: Transfer | None
) -> tuple[str, str]:
    """The mark and the sentence."""
    back = transfer is not None and transfer.ended_at is not None
    if back and session.agent_id == user.pk and transfer and not _written_since(last, transfer):
        to = full_name(transfer.to_agent) if transfer.to_agent else str(transfer.to_campaign)
        names = {"name": name, "to": to}
        return _("came back from %(to)s") % names, _(
            "%(name)s came back to you: %(to)s did not answer."
        ) % names
    if session.state == SessionState.WAITING and session.agent is not None:
        if session.agent_id != user.pk:
            to = full_name(session.agent)
            return _("offered to %(name)s") % {"name": to}, ""
        if transfer and not back:
            names = {"name": name, "sender": full_name(transfer.sender)}
            return _("from %(sender)s") % names, _("%(sender)s passes %(name)s on to you.") % names
        return _("offered to you"), _("%(name)s is offered to you.") % {"name": name}
    if session.state == SessionState.WAITING:
        # Who is offered to all is told to all; anybody else is told to whoever gets them.
        all_of_them = session.campaign is not None and session.campaign.strategy in OFFERED_TO_ALL
        return "", _("%(name)s waits for an answer.") % {"name": name} if all_of_them else ""
    text = (last.text if last else "")[:SHORT]
    return "", f"{name}: {text}" if text else _("%(name)s wrote to you.") % {"name": name}


def _written_since(last: Message | None, transfer: Transfer) -> bool:
    """Whether something of ours has left since the transfer came back."""
    return bool(
        last and transfer.ended_at and last.direction == Direction.OUT and last.created_at > transfer.ended_at
    )
