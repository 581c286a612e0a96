"""Notes that colleagues leave beside a conversation; no customer ever reads one."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from providers.errors import Refusal
from sessions import events, supervision
from sessions.holding import locked
from sessions.models import ChatSession, Event, EventKind

LONGEST = 4000  # characters


def add(session: ChatSession, user: User, text: str, now: datetime, submission: UUID) -> Event:
    """Keeps one note, once for a submission; of a supervisor beside a colleague's conversation it is a whisper.

    Who may, the caller knows.
    Raises Refusal (400): `empty`, `too_long`.
    """
    text = text.strip()
    if not text:
        raise Refusal("empty", _("Write a note first."), status=400)
    if len(text) > LONGEST:
        sentence = _("The note has %(n)d characters; it may have %(most)d.") % {
            "n": len(text),
            "most": LONGEST,
        }
        raise Refusal("too_long", sentence, status=400)
    with transaction.atomic():
        own = locked(session.pk)
        known = Event.objects.filter(session=own, submission=submission).first()
        if known:
            return known
        whispers = user.is_supervisor and own.agent_id not in (None, user.pk)
        if whispers:
            supervision.note(own, Act.WHISPERED)
        kind = EventKind.WHISPER if whispers else EventKind.NOTE
        return events.add(own, kind, now, user=user, text=text, submission=submission)
