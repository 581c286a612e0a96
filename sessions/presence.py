"""Whether agents are there and take interactions."""

from datetime import datetime

from accounts.models import User
from sessions.models import Presence


def seen(agent: User, now: datetime) -> None:
    """Notes that the agent is at the desk, or acts through the API. One upsert."""
    Presence.objects.bulk_create(
        [Presence(agent=agent, seen_at=now, since=now)],
        update_conflicts=True,
        unique_fields=["agent"],
        update_fields=["seen_at"],
    )
