"""The service level of one interaction: written into it once, when it is answered or abandoned."""

from datetime import datetime

from accounts.models import User
from sessions.models import ChatSession

MARKED = ("answered_at", "answered_by", "served_in", "waited", "in_time")


def mark_answered(session: ChatSession, agent: User, now: datetime) -> None:
    """An agent's first message leaves. Unsaved; save the fields named in MARKED. Harmless where it was answered."""
    if session.answered_at is not None:
        return
    session.answered_at, session.answered_by = now, agent
    _mark(session, now)


def mark_abandoned(session: ChatSession, now: datetime) -> None:
    """It is closed without an agent's message. Unsaved; save the fields named in MARKED."""
    if session.answered_at is None:
        _mark(session, now)


def _mark(session: ChatSession, now: datetime) -> None:
    if session.campaign is None:
        return
    session.served_in = session.campaign
    session.waited = max(0, round((now - session.opened_at).total_seconds()))
    session.in_time = session.waited <= session.campaign.service_level
