"""Answering with a file: what it is is looked at first, it is stored once the answer stands, and leaves then."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files import File

from accounts.models import User
from providers import media_sent, outbox
from providers.models import Message
from sessions import services
from sessions.models import ChatSession


def answer(
    session: ChatSession, author: User, file: File[Any], caption: str, now: datetime, submission: UUID
) -> Message:
    """Sends the holder's answer with a file; the same submission again returns the message that it already made.

    Not inside a transaction. Refuses as `services.answer`, `media_sent.choose` and `media_sent.keep` do.
    """
    composed = outbox.compose_file(media_sent.choose(file), caption)
    message = services.answer(session, author, composed, now, submission)
    media_sent.keep(message, file, now)
    return message
