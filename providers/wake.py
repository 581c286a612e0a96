"""Waking a task: a hint through Redis that never stalls and never fails its caller."""

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)


def client(patience: float) -> Redis:
    """A pool of connections that waits at most so many seconds, and tries once."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )


redis: Redis = client(0.5)
# A hint may cost the answer to a callback no more than this.
_hints: Redis = client(0.1)


def wake(task: str) -> None:
    """Publishes the task unless somebody did so within the last second. Sweeps pick up what is lost here."""
    try:
        if _hints.set(f"wake:{task}", 1, nx=True, ex=1):
            current_app.send_task(task, retry=False, expires=60)
    except (RedisError, OperationalError) as error:
        log.warning("wake_lost", task=task, error=type(error).__name__)


def awake(task: str) -> None:
    """Called by the task as it begins, so that whatever comes from now on wakes it again."""
    try:
        redis.delete(f"wake:{task}")
    except RedisError as error:
        log.warning("wake_lost", task=task, error=type(error).__name__)
