"""Waking a task: a hint through Redis that never stalls and never fails its caller."""

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

log = structlog.get_logger(__name__)
# One pool a process; a stalled Redis must not stall an answer to Wavy.
redis: Redis = Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
# A hint may cost the answer to a callback no more than this.
_hints: Redis = Redis.from_url(settings.REDIS_URL, socket_timeout=0.1, socket_connect_timeout=0.1)


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
