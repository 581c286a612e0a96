"""Waking a task: a hint through Redis that never stalls and never fails its caller."""

import threading

import structlog
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)
REPLY_TASK = "providers.send_replies"  # the lane of single messages


def client(patience: float) -> Redis:
    """A pool of connections that waits at most so many seconds, and tries once."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=patience,
        socket_connect_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )


HINT_PATIENCE = 0.1  # seconds that a hint may cost its caller

redis: Redis = client(0.5)
_hints: Redis = client(HINT_PATIENCE)


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


class Waker:
    """Wakes tasks from a thread of its own, so that who hints never waits for Redis.

    What is hinted meanwhile is remembered once, however often. A hint that is lost with the process is swept up.
    """

    def __init__(self) -> None:
        self._hinted: set[str] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def hint(self, task: str) -> None:
        """Has the task woken soon."""
        with self._changed:
            self._hinted.add(task)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._hinted:
                    self._changed.wait()
                hinted, self._hinted = self._hinted, set()
            for task in hinted:
                wake(task)


hint = Waker().hint
