"""Wrong with what came in: quarantine that fills, callbacks set aside, statuses of unknown messages."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from providers.models import Callback, QuarantinedItem, UnmatchedStatus
from providers.models.callback import CallbackState
from ucontact_wavy.alerts.findings import Finding
from ucontact_wavy.alerts.sentences import MOST_COUNTED
from ucontact_wavy.models import AlertKind, AlertLevel, AlertRules

SPAN = timedelta(hours=1)
INBOX = "inbox"


def inbox(rules: AlertRules, now: datetime) -> Iterator[Finding]:
    """What piled up within the hour. One query each: the newest rows of an index, as many as the limit tells."""
    since = now - SPAN
    set_aside = Callback.objects.filter(state=CallbackState.FAILED).order_by("-received_at")
    looks: Sequence[tuple[AlertKind, int, QuerySet[Any], str, AlertLevel]] = (
        (
            AlertKind.QUARANTINE,
            rules.quarantine_items,
            QuarantinedItem.objects.order_by("-pk"),
            "created_at",
            AlertLevel.AMBER,
        ),
        (AlertKind.SET_ASIDE, rules.set_aside_callbacks, set_aside, "received_at", AlertLevel.RED),
        (
            AlertKind.UNMATCHED,
            rules.unmatched_statuses,
            UnmatchedStatus.objects.order_by("-pk"),
            "created_at",
            AlertLevel.AMBER,
        ),
    )
    for kind, limit, rows, time, level in looks:
        if limit:
            newest = rows.values_list(time, flat=True)[: max(limit, MOST_COUNTED)]
            n = sum(at >= since for at in newest)
            if n and 2 * n >= limit:
                yield Finding(kind, INBOX, {"n": n}, level=level, firm=n >= limit)
