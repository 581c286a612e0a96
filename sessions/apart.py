"""Interactions follow when two people of one number are told apart, and when they are merged again.

See docs/decisions/0023 on who keeps which.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from accounts.models import User
from dialers.apart import rows_follow
from providers import apart
from providers.apart import Pair
from providers.models import Contact, Direction, Message
from providers.wake import wake
from sessions import transfers
from sessions.closing import end
from sessions.models import ChatSession, Ending, Event, SessionState, Transfer, TransferEnding, Turn
from sessions.service_level import mark_abandoned

log = structlog.get_logger(__name__)

WROTE_LAST = """
SELECT DISTINCT ON (s.id) s.id, m.contact_id FROM chat_sessions_chatsession s
JOIN chat_sessions_turn t ON t.session_id = s.id JOIN providers_message m ON m.id = t.message_id
WHERE s.contact_id = %s AND m.direction = 2 ORDER BY s.id, m.received_at DESC, m.id DESC
"""


def tell_apart(contact: Contact, user: User | None, reason: str, now: datetime) -> Pair:
    """Two people from now on: contacts, messages, rows, do-not-call entries and interactions, all or nothing.

    An interaction goes with who wrote last in it; what the other one wrote in an open one and nobody answered
    waits for an agent of its own. Raises Refusal `one_spelling`, `told_apart`.
    """
    with transaction.atomic():
        pair = apart.tell_apart(contact, user, reason, now)
        rows_follow(pair.other)
        _divide(pair)
        transaction.on_commit(partial(wake, settings.INCOMING_TASK))
    log.info("told_apart", contact=pair.one.pk, other=pair.other.pk, messages=pair.moved)
    return pair


def merge(contact: Contact, user: User | None, reason: str, now: datetime) -> Pair:
    """One person again. Of two open interactions the one that an agent has, else the older one, takes up the other.

    Raises Refusal `not_apart`.
    """
    with transaction.atomic():
        pair = apart.merge(contact, user, reason, now)
        rows_follow(pair.one)
        _unite(pair, user, now)
        apart.forget(pair)
    log.info("merged_again", contact=pair.one.pk, messages=pair.moved)
    return pair


def _open(contacts: Iterable[Contact]) -> list[ChatSession]:
    """Open interactions, those that an agent has first, locked."""
    found = ChatSession.objects.filter(contact__in=contacts).exclude(state=SessionState.CLOSED)
    locked = found.order_by("id").select_for_update(of=("self",), no_key=True)
    return sorted(locked, key=lambda session: (session.state != SessionState.ACTIVE, session.opened_at))


def _divide(pair: Pair) -> None:
    still_open = _open([pair.one])
    with connection.cursor() as cursor:
        cursor.execute(WROTE_LAST, [pair.one.pk])
        going = [key for key, writer in cursor.fetchall() if writer == pair.other.pk]
    ChatSession.objects.filter(pk__in=going).update(contact=pair.other)
    Event.objects.filter(session__in=going).update(contact=pair.other)
    for session in still_open:
        stays = pair.other if session.pk in going else pair.one
        leaves = pair.one if stays is pair.other else pair.other
        _turn_out(session, leaves)


def _turn_out(session: ChatSession, leaves: Contact) -> None:
    """What the one who leaves wrote and nobody answered is routed anew."""
    turns = Turn.objects.filter(session=session, message__contact=leaves)
    theirs = list(turns.values_list("message", flat=True))
    turns.delete()
    answered = Message.objects.filter(contact=leaves, direction=Direction.OUT).aggregate(last=Max("id"))
    waiting = Message.objects.filter(pk__in=theirs, direction=Direction.IN, pk__gt=answered["last"] or 0)
    waiting.update(taken_up=False)


def _unite(pair: Pair, user: User | None, now: datetime) -> None:
    still_open = _open([pair.one, pair.other])
    for session in still_open[1:]:
        _take_up(still_open[0], session, user, now)
    ChatSession.objects.filter(contact=pair.other).update(contact=pair.one)
    Event.objects.filter(contact=pair.other).update(contact=pair.one)


def _take_up(stays: ChatSession, session: ChatSession, user: User | None, now: datetime) -> None:
    """Everything of the other one goes over; where nobody had it, it is no interaction that was abandoned."""
    had = session.taken_at or session.answered_at or Transfer.objects.filter(session=session).exists()
    transfers.end(session, TransferEnding.OVER, now)
    for part in (Turn, Event, Transfer):
        part.objects.filter(session=session).update(session=stays)
    if not had:
        session.delete()
        return
    mark_abandoned(session, now)
    end(session, Ending.PERSON, now, user)
