"""Redis with every worker alive, and whom alerts are told."""

from collections.abc import Iterator

import pytest

from providers.wake import redis
from ucontact_wavy.alerts.sentences import WORK
from ucontact_wavy.alerts.workers import REMEMBERED, key_of
from ucontact_wavy.models import AlertRules

BOSS = "boss@example.com"


@pytest.fixture(autouse=True)
def every_worker_is_heard() -> Iterator[None]:
    """For ever: tests pass through hours in no time."""
    for queue in WORK:
        redis.set(key_of(queue), "2100-01-01T00:00:00+00:00", ex=REMEMBERED)
    yield
    redis.flushdb()


@pytest.fixture
def alert_rules(db: None) -> AlertRules:
    """The defaults, and one address."""
    return AlertRules.objects.create(pk=1, emails=BOSS, swept_at=None)
