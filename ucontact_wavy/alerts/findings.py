"""What a look found wrong, and how long it takes to count and to be over, so that nothing flaps."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ucontact_wavy.models import AlertKind, AlertLevel

NOTHING = timedelta(0)
# How long it must have looked over before it is. What a person ended is over at once.
CALM: dict[AlertKind, timedelta] = {
    AlertKind.CREDENTIALS: timedelta(seconds=30),
    AlertKind.BASE_PAUSED: NOTHING,
    AlertKind.FAILURE_RATE: timedelta(minutes=2),
    AlertKind.QUEUE_WAIT: timedelta(minutes=2),
    AlertKind.QUEUE_FULL: timedelta(minutes=1),
    AlertKind.SILENT: timedelta(minutes=1),
    AlertKind.QUARANTINE: timedelta(minutes=1),
    AlertKind.SET_ASIDE: timedelta(minutes=1),
    AlertKind.UNMATCHED: timedelta(minutes=1),
    AlertKind.WORKERS: timedelta(seconds=30),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong now; the fields are those of `Alert`.

    `since`: when it began, where the rows tell. `hold`: how long it must last before it counts. `firm`: whether
    it is beyond its limit; otherwise only above where it would be over, which keeps an alert and opens none.
    """

    kind: AlertKind
    subject: str
    values: dict[str, Any] = field(default_factory=dict)
    level: AlertLevel = AlertLevel.RED
    since: datetime | None = None
    hold: timedelta = NOTHING
    firm: bool = True
    mark: str = ""
    campaign: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind.value, self.subject
