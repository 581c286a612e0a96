"""Tasks of the wire: each takes its wake-up, calls one service, reports."""

import time
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.utils import timezone

from providers import ledger, limits, media, minutes, tally, template_sync
from providers.callbacks.drain import drain_messages, drain_statuses
from providers.media_fetch import fetch_waiting
from providers.replies import send_replies
from providers.statuses import sweep_waiting
from providers.wake import awake

# Seconds. A batch costs much the same whatever it holds, and what comes in may take one to be seen.
gather = partial(time.sleep, 0.2)


@shared_task(name="providers.drain_statuses")
def drain_statuses_task() -> int:
    """Applies stored status callbacks."""
    awake("providers.drain_statuses")
    return drain_statuses(timezone.now, gather)


@shared_task(name="providers.drain_messages")
def drain_messages_task() -> int:
    """Applies stored message callbacks."""
    awake("providers.drain_messages")
    return drain_messages(timezone.now, gather)


@shared_task(name="providers.send_replies")
def send_replies_task() -> int:
    """Sends single messages that wait in their lane."""
    awake("providers.send_replies")
    return send_replies(timezone.now)


@shared_task(name=media.TASK)
def fetch_media_task() -> int:
    """Fetches the files of customers' messages."""
    awake(media.TASK)
    return fetch_waiting(timezone.now)


@shared_task(name="providers.sweep")
def sweep() -> None:
    """Settles leases that ran out, tries kept statuses again, folds tallies, forgets what counts no more."""
    now = timezone.now()
    while ledger.expire_leases(now):
        pass
    sweep_waiting(now - timedelta(minutes=10))
    limits.forget(now)
    while tally.fold(now=now) >= 5000:
        pass
    minutes.forget(now)


@shared_task(name="providers.sweep_statuses")
def sweep_statuses() -> None:
    """Tries the older of the kept statuses again, which another system on the same account may make millions of."""
    while sweep_waiting(timezone.now() - timedelta(days=7)):
        pass


@shared_task(name="providers.sync_templates")
def sync_templates_task() -> int:
    """Reads every provider's templates at Wavy."""
    return template_sync.sync_all(timezone.now)
