"""One provider with the guide's templates, one dialer, an empty Redis, uploads in a folder of the test."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialers import dispatch as dispatching
from dialers import tasks
from dialers.models import Dialer
from providers.models import Provider
from providers.wake import redis
from tests.dialers.wavy import Wavy
from tests.factories import make_dialer, make_provider, make_template


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def empty_redis() -> None:
    """Buckets and holds are named by ids, which the tests use again."""
    redis.flushdb()


@pytest.fixture
def provider(db: None) -> Provider:
    provider = make_provider()
    make_template(provider, "chatclub_open_session_v2", "{{1}} reports:\n{{2}}")
    make_template(provider, "appointment", "Your appointment is coming up on {{1}} at {{2}}")
    make_template(provider, "welcome", "Welcome!")
    make_template(provider, "notice", "Dear customer: {{1}}")
    return provider


@pytest.fixture
def dialer(provider: Provider) -> Dialer:
    return make_dialer(provider)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that a tick asks for run at once, in this process."""
    for task in (tasks.load_base, tasks.dispatch_base):
        monkeypatch.setattr(task, "apply_async", lambda args, run=task.run, **options: run(*args))


@pytest.fixture
def wavy(settings: Any) -> Iterator[Wavy]:
    """A Wavy that takes everything, at the address that providers are reached at."""
    server = Wavy()
    settings.WAVY_API_URL = server.url
    yield server
    server.close()


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A single request in flight, so that the order on the wire is the order of sending."""
    monkeypatch.setattr(dispatching, "IN_FLIGHT", 1)
