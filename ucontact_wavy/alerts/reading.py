"""What pages read of alerts: those that are open now, for whoever may see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.visible import not_hidden
from ucontact_wavy.alerts import rules, sentences
from ucontact_wavy.models import Alert, AlertKind, AlertLevel

UNWATCHED = timedelta(seconds=90)  # after which a missing sweep means that no worker is there
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """One that is open. `sentence` says what and since when; `act` is the words of the link to `url` (a path).

    `level` is `amber` or `red`; `id` is 0 for the one that no worker could write down: that there is none.
    """

    id: int
    kind: str
    level: str
    sentence: str
    act: str
    url: str
    since: datetime


def may_see(user: Any) -> bool:
    """Whether alerts are for this person."""
    return bool(user.has_perm("house.view_alert"))


def visible(user: Any) -> QuerySet[Alert]:
    """Every alert, open or over, that the person may see: none of a campaign that is kept from them."""
    told = Alert.objects.exclude(opened_at=None)
    return told.filter(not_hidden(user)) if may_see(user) else told.none()


def open_of(user: Any) -> QuerySet[Alert]:
    """The open ones, the worst and oldest first."""
    return visible(user).filter(until=None).order_by("-level", "since", "id")


def open_alerts(user: Any, now: datetime | None = None) -> list[OpenAlert]:
    """The open ones, the worst and oldest first, in the active language and zone; none for who may not see them.

    Two queries.
    """
    if not may_see(user):
        return []
    now = now or timezone.now()
    found = [*_unwatched(now), *open_of(user)[:MOST_SHOWN]]
    return [shown(alert, now) for alert in found]


def how_many(user: Any, now: datetime | None = None) -> int:
    """The number of what `open_alerts` lists."""
    if not may_see(user):
        return 0
    return len(_unwatched(now or timezone.now())) + open_of(user).count()


def shown(alert: Alert, now: datetime) -> OpenAlert:
    """One as pages tell it."""
    act, url = sentences.act(alert)
    return OpenAlert(
        alert.pk or 0, alert.kind, alert.level, sentences.sentence(alert, now), act, url, alert.since
    )


def _unwatched(now: datetime) -> list[Alert]:
    """That nobody watches, which nobody is there to write down."""
    last = rules.current().swept_at
    if last is None or now - last < UNWATCHED:
        return []
    return [
        Alert(
            kind=AlertKind.WORKERS,
            subject="queue:",
            level=AlertLevel.RED,
            values={"queue": ""},
            since=last,
        )
    ]
