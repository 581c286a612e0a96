"""Erasing around interactions: an open one is closed; all of them stay, for the service level."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from providers.erasing.person import Note
from sessions.models import ChatSession, SessionState


def close_interactions(contact_ids: Sequence[int], user: User | None, now: datetime, note: Note) -> None:
    """Closes what is open of these contacts, whose messages are about to go."""
    still_open = ChatSession.objects.filter(contact__in=contact_ids).exclude(state=SessionState.CLOSED)
    with transaction.atomic():
        keys = list(still_open.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        ChatSession.objects.filter(pk__in=keys).update(
            state=SessionState.CLOSED, closed_at=now, closed_by=user
        )
        note("closed", len(keys))
