"""Interactions of agents who may not work any more go back to their queue, where somebody else gets them."""

from datetime import datetime

import structlog
from django.db import transaction

from sessions import transfers
from sessions.holding import locked, unable
from sessions.models import ChatSession, SessionState

log = structlog.get_logger(__name__)
AT_ONCE = 100


def release(now: datetime) -> int:
    """Takes open interactions, those in hand too, from whoever is disabled or has the role no more. Returns how many.

    They wait as before; when they came and were answered stays, so that the service level does. What was
    transferred to such an agent returns to its sender.
    """
    released = 0
    while done := _release_some(now):
        released += done
    if released:
        log.info("interactions_released", n=released)
    return released


def _release_some(now: datetime) -> int:
    with transaction.atomic():
        stranded = (
            ChatSession.objects.filter(unable(), agent__isnull=False)
            .exclude(state=SessionState.CLOSED)
            .order_by("id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )
        keys = [session.pk for session in stranded[:AT_ONCE]]
        for key in keys:
            transfers.withdraw(locked(key), now)
    return len(keys)
