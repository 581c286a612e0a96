"""The workers' signs of life, one for each queue they work at, in Redis; and who was not heard from."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import bootsteps
from django.utils import timezone
from redis import RedisError

from providers.wake import redis
from ucontact_wavy.alerts.findings import Finding
from ucontact_wavy.alerts.sentences import WORK
from ucontact_wavy.models import AlertKind, AlertRules

EVERY = 10.0  # seconds between two signs
LATE = timedelta(seconds=25)  # after which one counts as missing; it is an alert when that lasts
REMEMBERED = 7 * 24 * 3600  # seconds

log = structlog.get_logger(__name__)


def key_of(queue: str) -> str:
    """Where the last sign of life at a queue stands."""
    return f"worker:heard:{queue}"


def note_queues(queues: Iterable[str], now: datetime | None = None) -> None:
    """Notes that somebody works at these queues."""
    at = (now or timezone.now()).isoformat()
    try:
        with redis.pipeline(transaction=False) as pipeline:
            for queue in queues:
                pipeline.set(key_of(queue), at, ex=REMEMBERED)
            pipeline.execute()
    except RedisError as error:
        log.warning("heartbeat_lost", error=type(error).__name__)


class SignOfLife(bootsteps.StartStopStep):
    """A worker's own clock notes it, so that a busy pool is not taken for a dead one."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self.entry: Any = None

    def start(self, consumer: Any) -> None:
        queues = list(consumer.app.amqp.queues.consume_from)
        note_queues(queues)
        self.entry = consumer.timer.call_repeatedly(EVERY, note_queues, (queues,))

    def stop(self, consumer: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None


def silent_workers(rules: AlertRules, now: datetime) -> Iterator[Finding]:
    """Queues at which nobody was heard working. Raises RedisError where Redis does not answer."""
    if not rules.worker_seconds:
        return
    for queue, told in zip(WORK, redis.mget([key_of(queue) for queue in WORK]), strict=True):
        heard = datetime.fromisoformat(told.decode() if isinstance(told, bytes) else told) if told else None
        if heard is None or now - heard > LATE:
            yield Finding(
                AlertKind.WORKERS,
                f"queue:{queue}",
                {"queue": queue},
                since=heard,
                hold=timedelta(seconds=rules.worker_seconds),
            )
