"""Health, readiness and the figures."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from celery.signals import worker_ready
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from accounts.models import User
from providers import tally
from providers.models import Callback, Provider
from providers.models.callback import CallbackKind
from providers.states import PENDING, State
from providers.wake import redis
from tests.api.conftest import client_of
from tests.factories import (
    NOW,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    outgoing,
)
from ucontact_wavy import health, metrics, tasks

FAR = "203.0.113.9"


@pytest.fixture(autouse=True)
def no_worker_yet() -> Iterator[None]:
    redis.delete(tasks.HEARD_KEY)
    yield
    redis.delete(tasks.HEARD_KEY)


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that refuses the connection."""
    nowhere = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    for module in (health, metrics, tasks):
        monkeypatch.setattr(module, "redis", nowhere)


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "connection", Mock(cursor=Mock(side_effect=OperationalError)))


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.get("/readyz")
    return response.status_code, response.json()


def test_the_process_is_healthy_whatever_else_is_away(
    client: Client, redis_away: None, database_away: None
) -> None:
    assert client.get("/healthz").status_code == 200


def test_it_is_ready_once_a_worker_was_heard_from(client: Client, db: None) -> None:
    assert ready(client) == (503, {"ready": False, "database": True, "redis": True, "worker": False})
    tasks.heartbeat()
    assert ready(client) == (200, {"ready": True, "database": True, "redis": True, "worker": True})


def test_a_worker_that_has_started_is_heard_from_at_once(client: Client, db: None) -> None:
    worker_ready.send(sender=None)
    assert ready(client)[0] == 200


def test_a_worker_is_forgotten_after_30_seconds() -> None:
    tasks.heartbeat()
    assert 29_000 < redis.pttl(tasks.HEARD_KEY) <= 30_000


def test_a_redis_that_is_away_is_named(client: Client, db: None, redis_away: None) -> None:
    tasks.heartbeat()
    assert ready(client) == (503, {"ready": False, "database": True, "redis": False, "worker": False})


def test_a_database_that_is_away_is_named(client: Client, db: None, database_away: None) -> None:
    tasks.heartbeat()
    assert ready(client) == (503, {"ready": False, "database": False, "redis": True, "worker": True})


def test_the_beat_is_on_the_schedule(settings: Any) -> None:
    assert settings.CELERY_BEAT_SCHEDULE["ucontact_wavy.heartbeat"]["task"] == tasks.heartbeat.name


def figures(client: Any, **headers: Any) -> dict[str, float]:
    """`name{label}` of each sample with its value."""
    response = client.get("/metrics", **headers)
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        " ".join([sample.name.removeprefix("ucontact_wavy_"), *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_the_figures_are_those_of_the_database(client: Client, db: None) -> None:
    provider = make_provider(suspended_at=NOW, last_callback_at=NOW)
    base = make_base(make_dialer(provider))
    contact = make_contact(provider)
    tally.append({(base.pk, PENDING): 7})
    outgoing(contact, base=base)
    tally.fold()
    tally.append({(base.pk, PENDING): -2, (base.pk, int(State.READ)): 2})
    outgoing(contact)
    make_session(contact, make_campaign(provider))
    Callback.objects.create(provider=provider, kind=CallbackKind.STATUS, body=b"{}", received_at=NOW)
    redis.rpush("bases", "a task", "another")
    found = figures(client)
    redis.delete("bases")
    assert {
        "callbacks_waiting status": 1,
        "replies_waiting replies": 1,
        "rows pending": 5,
        "rows queued": 1,
        "rows read": 2,
        "bases running": 1,
        "interactions_open waiting": 1,
        "provider_suspended Wavy": 1,
        "provider_last_callback_timestamp_seconds Wavy": NOW.timestamp(),
        "callbacks_refused_total": 0,
        "queue_length bases": 2,
        "up redis": 1,
        "up worker": 0,
    }.items() <= found.items()


def test_the_figures_go_on_without_redis(client: Client, db: None, redis_away: None) -> None:
    found = figures(client)
    assert (found["up redis"], found["rows pending"]) == (0, 0)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="on this machine"),
        pytest.param({"REMOTE_ADDR": FAR}, 401, id="from elsewhere"),
        pytest.param({"HTTP_X_FORWARDED_FOR": FAR}, 401, id="through a proxy on this machine"),
    ],
)
def test_the_figures_are_for_this_machine(
    headers: dict[str, str], status: int, client: Client, db: None
) -> None:
    assert client.get("/metrics", **headers).status_code == status  # type: ignore[arg-type]  # WSGI names


@pytest.mark.parametrize(
    ("make", "status"),
    [(make_supervisor, 200), (make_operator, 403), (make_agent, 403)],
    ids=["supervisor", "operator", "agent"],
)
def test_the_figures_are_for_supervisors(make: Any, status: int, db: None) -> None:
    user: User = make()
    assert client_of(user).get("/metrics", REMOTE_ADDR=FAR).status_code == status


def test_the_figures_cost_the_same_however_many_rows_there_are(
    client: Client, db: None, django_assert_num_queries: Any
) -> None:
    provider: Provider = make_provider()
    for i in range(20):
        outgoing(make_contact(provider, f"598990000{i:02d}"))
    with django_assert_num_queries(10):
        client.get("/metrics")
