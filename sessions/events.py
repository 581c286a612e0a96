"""Writing down what happened to an interaction besides messages."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from campaigns.models import Campaign
from providers import live
from sessions.models import ChatSession, Event, EventKind


def add(
    session: ChatSession,
    kind: EventKind,
    now: datetime,
    user: User | None = None,
    whom: User | None = None,
    campaign: Campaign | None = None,
    text: str = "",
    submission: UUID | None = None,
) -> Event:
    """One event, inside the transaction of what happened; who watches the conversation is told at its commit.

    `submission`: of what somebody composed, so that it is kept once.
    """
    live.tell_contacts([session.contact_id])
    return Event.objects.create(
        session=session,
        contact_id=session.contact_id,
        kind=kind,
        at=now,
        user=user,
        whom=whom,
        campaign=campaign,
        text=text,
        submission=submission,
    )
