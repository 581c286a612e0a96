"""The workers' sign of life, in Redis; pruning, erasing and alerts, which look into every layer."""

import structlog
from celery import shared_task
from celery.signals import worker_ready
from django.utils import timezone
from redis import RedisError

from providers.wake import awake, redis, wake
from ucontact_wavy import door, erasing, pruning
from ucontact_wavy.alerts import keeping, outbox, sweep

log = structlog.get_logger(__name__)
HEARD_KEY = "worker:heard"
HEARD_SECONDS = 30
TELL = "ucontact_wavy.tell"


def note_worker() -> None:
    """Notes when a worker was heard from. Redis forgets it after 30 seconds, by its own clock alone."""
    try:
        redis.set(HEARD_KEY, timezone.now().isoformat(), ex=HEARD_SECONDS)
    except RedisError as error:
        log.warning("heartbeat_lost", error=type(error).__name__)


@shared_task(name="ucontact_wavy.heartbeat")
def heartbeat() -> None:
    """Runs every few seconds: broker, beat and a worker are all there."""
    note_worker()


@shared_task(name="ucontact_wavy.keep")
def keep() -> None:
    """Every minute: removes some of what is too old, goes on with erasures."""
    erasing.erase_waiting(timezone.now)
    pruning.prune(timezone.now())
    keeping.prune_alerts(timezone.now())
    door.forget_old_failures(timezone.now())
    door.forget_ended_sessions(timezone.now())


@shared_task(name="ucontact_wavy.watch")
def watch() -> None:
    """Opens and ends alerts; whoever is to be told of it is told at once."""
    if sweep.sweep(timezone.now()):
        wake(TELL)


@shared_task(name=TELL)
def tell() -> int:
    """Tells what waits to be told of alerts."""
    awake(TELL)
    return outbox.tell_waiting(timezone.now)


@shared_task(name=erasing.TASK)
def erase(erasure_id: int) -> bool:
    """Carries out one erasure."""
    return erasing.erase(erasure_id, timezone.now)


@worker_ready.connect
def on_worker_ready(**_signal: object) -> None:
    """A worker that has just started need not wait for the first beat."""
    note_worker()
