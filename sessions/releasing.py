"""Interactions of agents who may not work any more go back to their queue, where somebody else gets them."""

from datetime import datetime

import structlog
from django.db import transaction

from sessions import presence, transfers
from sessions.holding import locked, unable
from sessions.models import ChatSession, SessionState

log = structlog.get_logger(__name__)
AT_ONCE = 200


def release(now: datetime) -> int:
    """Takes open interactions from whoever is disabled or has the role no more. Returns how many.

    They wait anew: when they came and were answered stays, so that the service level does. What a colleague has
    transferred to them returns to that colleague.
    """
    stranded = ChatSession.objects.filter(unable(), agent__isnull=False).exclude(state=SessionState.CLOSED)
    rows = stranded.order_by("agent", "id").values_list("agent", "id")[:AT_ONCE]
    agents: dict[int, list[int]] = {}
    for agent_id, session_id in rows:
        agents.setdefault(agent_id, []).append(session_id)
    released = 0
    for agent_id, ids in agents.items():
        with transaction.atomic():
            presence.lock(agent_id)
            released += sum(_release(session_id, agent_id, now) for session_id in ids)
    if released:
        log.info("interactions_released", n=released)
    return released


def _release(session_id: int, agent_id: int, now: datetime) -> int:
    held = locked(session_id)
    if held.agent_id != agent_id or held.state == SessionState.CLOSED:
        return 0
    if held.state == SessionState.WAITING:
        return transfers.withdraw([session_id], now)
    held.queued_at = now
    transfers.release(held, now)
    return 1
