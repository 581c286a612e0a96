"""The provider's daily limit: how many more people may be written to by bases within 24 hours."""

from datetime import datetime, timedelta

from django.db.models import Q

from providers.models import Direction, Message, Provider
from providers.states import State

DAY = timedelta(hours=24)


def people_left(provider: Provider, now: datetime) -> int | None:
    """How many further people bases may write to now; None without a limit.

    Counts everybody whom a base claimed a message for within 24 hours, except where it was held back here.
    """
    if not provider.daily_limit:
        return None
    taken = (
        Message.objects.filter(
            provider=provider, direction=Direction.OUT, batch__isnull=False, created_at__gt=now - DAY
        )
        .exclude(Q(state=State.REFUSED) & Q(attempts=0))
        .values("contact")
        .distinct()
        .count()
    )
    return max(0, provider.daily_limit - taken)
