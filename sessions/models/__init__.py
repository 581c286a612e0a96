"""Interactions, their messages and events, and whether agents are there."""

from sessions.models.event import Event, EventKind
from sessions.models.presence import PauseReason, Presence, PresenceState
from sessions.models.session import ChatSession, Ending, Origin, SessionState
from sessions.models.transfer import Transfer, TransferEnding
from sessions.models.turn import Turn
from sessions.models.watched import WATCHED as WATCHED

__all__ = [
    "ChatSession",
    "Ending",
    "Event",
    "EventKind",
    "Origin",
    "PauseReason",
    "Presence",
    "PresenceState",
    "SessionState",
    "Transfer",
    "TransferEnding",
    "Turn",
]
