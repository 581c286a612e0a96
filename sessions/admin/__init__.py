"""Interactions and pause reasons, in the configuration."""

from sessions.admin.interactions import ChatSessionAdmin as ChatSessionAdmin
from sessions.admin.pauses import PauseReasonAdmin as PauseReasonAdmin
