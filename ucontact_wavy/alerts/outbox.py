"""Whom an alert is told: a row a recipient, written with the alert, claimed, told outside of any transaction."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts.models import User
from campaigns.visible import not_hidden
from ucontact_wavy.alerts import rules
from ucontact_wavy.alerts.channels import FOR_GOOD, NotToldError, mail_configured, tell
from ucontact_wavy.models import Alert, AlertDelivery, AlertRules, Channel, DeliveryState, Event

LEASE = timedelta(minutes=2)  # longer than an attempt may take; who was killed is followed after it
ONE_RUN = 40.0  # seconds in which new ones are claimed; the next sweep goes on
# How long after which attempt the next one comes; after the last it is given up.
AGAIN = [timedelta(seconds=30), *(timedelta(minutes=n) for n in (1, 2, 5, 15, 60, 180, 360))]

log = structlog.get_logger(__name__)


def plan(alert: Alert, event: Event, kept: AlertRules, now: datetime) -> bool:
    """Writes down who is to be told; whether anybody is. Call it in the transaction that moves the alert."""
    recipients = [(Channel.WEBHOOK, "")] if kept.webhook_url else []
    if mail_configured():
        recipients += [(Channel.EMAIL, one) for one in rules.addresses(kept) if _may_read(one, alert)]
    AlertDelivery.objects.bulk_create(
        [
            AlertDelivery(alert=alert, event=event, channel=channel, address=address, next_attempt_at=now)
            for channel, address in recipients
        ],
        ignore_conflicts=True,
    )
    log.warning("alert", alert=alert.pk, what=event.value, kind=alert.kind, subject=alert.subject)
    return bool(recipients)


def _may_read(address: str, alert: Alert) -> bool:
    """Whether nobody signs in with that address from whom the alert's campaign is kept."""
    if alert.campaign is None:
        return True
    readers = list(User.objects.filter(email__iexact=address, is_active=True))
    seen = (Alert.objects.filter(not_hidden(one), pk=alert.pk).exists() for one in readers)
    return not readers or any(seen)


def tell_waiting(clock: Callable[[], datetime]) -> int:
    """Tells whatever is due, one after the other; returns how many were told. Several at once is harmless."""
    started, told = time.monotonic(), 0
    while time.monotonic() - started < ONE_RUN:
        delivery = _claim(clock())
        if delivery is None:
            break
        told += _tell(delivery, clock)
    return told


def _claim(now: datetime) -> AlertDelivery | None:
    """The next one that is due; nobody else gets it for a lease. An end waits for its beginning to be told."""
    waiting = AlertDelivery.objects.filter(state=DeliveryState.WAITING)
    before = waiting.filter(
        alert=OuterRef("alert"),
        channel=OuterRef("channel"),
        address=OuterRef("address"),
        pk__lt=OuterRef("pk"),
    )
    due = waiting.filter(~Exists(before), next_attempt_at__lte=now).order_by("next_attempt_at", "pk")
    with transaction.atomic():
        claimed = due.select_for_update(skip_locked=True, of=("self",)).select_related("alert").first()
        if claimed is None:
            return None
        claimed.next_attempt_at, claimed.attempts = now + LEASE, claimed.attempts + 1
        AlertDelivery.objects.filter(pk=claimed.pk).update(
            next_attempt_at=claimed.next_attempt_at, attempts=F("attempts") + 1
        )
    return claimed


def _tell(delivery: AlertDelivery, clock: Callable[[], datetime]) -> bool:
    mine = AlertDelivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.WAITING, next_attempt_at=delivery.next_attempt_at
    )
    try:
        tell(delivery, rules.current(), clock())
    except NotToldError as error:
        wait = _again(delivery, error)
        state = DeliveryState.FAILED if wait is None else DeliveryState.WAITING
        log.warning("alert_not_told", delivery=delivery.pk, why=error.key, attempts=delivery.attempts)
        mine.update(state=state, error=error.kept, next_attempt_at=clock() + wait if wait else None)
        return False
    return bool(mine.update(state=DeliveryState.DONE, error="", next_attempt_at=None, told_at=clock()))


def _again(delivery: AlertDelivery, error: NotToldError) -> timedelta | None:
    if error.key in FOR_GOOD or delivery.attempts > len(AGAIN):
        return None
    return AGAIN[delivery.attempts - 1]
