"""Erasing around interactions: an open one is closed, what colleagues wrote goes; all stay, for the service level."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from providers.erasing.person import Note
from sessions.closing import end
from sessions.holding import locked
from sessions.models import ChatSession, Ending, Event, SessionState, Transfer
from sessions.service_level import mark_abandoned


def close_interactions(contact_ids: Sequence[int], user: User | None, now: datetime, note: Note) -> None:
    """Closes what is open of these contacts, whose messages are about to go."""
    still_open = ChatSession.objects.filter(contact__in=contact_ids).exclude(state=SessionState.CLOSED)
    with transaction.atomic():
        keys = list(still_open.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        for key in keys:
            held = locked(key)
            mark_abandoned(held, now)
            end(held, Ending.ERASED, now, user)
        note("closed", len(keys))


def erase_words(contact_ids: Sequence[int], note: Note) -> None:
    """Empties what colleagues wrote about these contacts, and forgets that they are to be written to again."""
    sessions = ChatSession.objects.filter(contact__in=contact_ids)
    with transaction.atomic():
        notes = Event.objects.filter(contact__in=contact_ids).exclude(text="").update(text="")
        Transfer.objects.filter(session__in=sessions.values("pk")).exclude(note="").update(note="")
        comments = sessions.exclude(comment="").update(comment="")
        sessions.exclude(reschedule_at=None).update(reschedule_at=None)
        note("notes", notes + comments)
