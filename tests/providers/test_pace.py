"""Pace, holds and wake-ups: in Redis, right across processes, and harmless when it is away or wiped."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app
from kombu.exceptions import OperationalError
from redis import Redis

from providers import pace, wake
from providers.pace import give_back, held, hold, take
from providers.wake import redis

pytestmark = pytest.mark.usefixtures("clean_redis")


def fill(name: str, seconds: float = 60) -> None:
    """Lets a bucket gather: as if it had last been asked a while ago."""
    redis.hincrbyfloat(f"pace:{name}", "at", -seconds)


# Buckets


@pytest.mark.parametrize("wanted", [1, 500], ids=str)
def test_a_rate_of_0_is_no_limit(wanted: int) -> None:
    assert take({"dialer:1": 0.0}, wanted) == pace.Grant(wanted, 0.0)
    assert redis.keys("*") == []


def test_a_bucket_that_is_not_known_begins_empty_and_says_when_there_is_more() -> None:
    grant = take({"dialer:1": 4.0}, 100)
    assert grant.tokens == 0
    assert grant.wait == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("rate", "most"),
    [(100.0, 5), (1000.0, 50), (2.0, 1), (0.1, 1)],
    ids=["100 a second", "1,000 a second", "2 a second", "one in ten seconds"],
)
def test_nobody_makes_up_for_a_pause_in_one_burst(rate: float, most: int) -> None:
    take({"dialer:1": rate}, 1)
    fill("dialer:1", 3000)
    assert take({"dialer:1": rate}, 5000).tokens == most
    assert take({"dialer:1": rate}, 5000).tokens <= rate * 0.03


def test_the_narrowest_bucket_decides_and_the_others_lose_no_more() -> None:
    rates = {"dialer:1": 1000.0, "provider:1": 40.0}
    take(rates, 1)
    for name in rates:
        fill(name)
    assert take(rates, 500).tokens == 2
    assert float(redis.hget("pace:dialer:1", "level") or 0) == pytest.approx(48)


def test_tokens_that_nothing_was_sent_for_come_back() -> None:
    rates = {"dialer:1": 100.0, "provider:1": 0.0}
    take(rates, 1)
    fill("dialer:1")
    assert take(rates, 20).tokens == 5
    give_back(rates, 4)
    assert take(rates, 500).tokens in (4, 5)


def test_after_a_wipe_the_pace_starts_from_an_empty_bucket_even_where_tokens_come_back() -> None:
    rates = {"dialer:1": 100.0}
    take(rates, 1)
    fill("dialer:1")
    assert take(rates, 20).tokens == 5
    redis.flushdb()
    give_back(rates, 5)
    assert take(rates, 500).tokens == 0
    fill("dialer:1", 0.1)
    assert take(rates, 500).tokens == 5


def test_what_agents_write_goes_first_and_bases_wait_for_it() -> None:
    rates = {"provider:1": 100.0}
    take(rates, 1)
    fill("provider:1")
    pace.spend(rates, 25)
    grant = take(rates, 500)
    assert grant.tokens == 0
    assert grant.wait == pytest.approx((25 - 5 + 2) / 100, abs=0.05)


def test_however_much_agents_write_bases_wait_a_second_at_most() -> None:
    rates = {"provider:1": 100.0}
    take(rates, 1)
    pace.spend(rates, 5000)
    assert take(rates, 500).wait <= 1.1


def ask_for(seconds: float, start: Any, taken: Any) -> None:
    """One process that takes as fast as it may, once all of them are there."""
    redis.connection_pool.reset()
    start.wait(20)
    ends = time.time() + seconds
    while time.time() < ends:
        tokens = take({"dialer:1": 200.0}, 7).tokens
        with taken.get_lock():
            taken.value += tokens


def test_the_rate_holds_across_processes() -> None:
    context = multiprocessing.get_context("fork")
    start, taken = context.Barrier(3), context.Value("i", 0)
    take({"dialer:1": 200.0}, 1)
    began = time.time()
    processes = [context.Process(target=ask_for, args=(1.5, start, taken)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    passed = time.time() - began
    assert 100 <= taken.value <= 200 * passed + 50  # the rate, and what a full bucket holds


# Holds


def test_a_hold_says_why_and_ends_by_itself() -> None:
    assert held(1) == ""
    hold(1, "provider", seconds=5)
    assert (held(1), held(2)) == ("provider", "")
    assert 4 <= int(redis.ttl("hold:1")) <= 5


def test_a_provider_that_asks_again_and_again_is_held_longer_each_time() -> None:
    seconds = []
    for _ in range(6):
        hold(1, "pace")
        seconds.append(int(redis.ttl("hold:1")))
    assert seconds == [2, 4, 8, 16, 30, 30]


# Wake-ups


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **how: names.append(name))
    return names


def test_a_task_is_published_once_a_second_however_often_it_is_woken(published: list[str]) -> None:
    for _ in range(50):
        wake.wake("providers.drain_statuses")
    wake.wake("providers.drain_messages")
    assert published == ["providers.drain_statuses", "providers.drain_messages"]
    assert 0 < int(redis.pttl("wake:providers.drain_statuses")) <= 1000


def test_a_task_that_has_begun_can_be_woken_again_at_once(published: list[str]) -> None:
    wake.wake("sessions.route")
    wake.awake("sessions.route")
    wake.wake("sessions.route")
    assert published == ["sessions.route"] * 2


def test_a_wake_up_really_reaches_the_broker() -> None:
    wake.wake("providers.send_replies")
    assert redis.llen("replies") == 1


@pytest.fixture(params=["refuses", "is silent"])
def no_redis(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redis is gone, or takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            server.listen(50)
        port = server.getsockname()[1]
        for module, name in ((wake, "_hints"), (wake, "redis"), (pace, "redis")):
            known = getattr(module, name).connection_pool.connection_kwargs
            kept = {key: known[key] for key in ("socket_timeout", "socket_connect_timeout", "retry")}
            monkeypatch.setattr(module, name, Redis.from_url(f"redis://127.0.0.1:{port}/0", **kept))
        for script in (pace._take, pace._give_back):
            monkeypatch.setattr(script, "registered_client", wake.redis)
        yield


def seconds_of(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


@pytest.mark.usefixtures("no_redis")
def test_without_redis_a_wake_up_never_raises_and_returns_within_the_answers_time(
    published: list[str],
) -> None:
    assert min(seconds_of(lambda: wake.wake("providers.drain_statuses")) for _ in range(3)) < 0.2
    wake.awake("providers.drain_statuses")
    assert published == []


@pytest.mark.usefixtures("no_redis")
def test_without_redis_nothing_limited_leaves_and_nothing_raises() -> None:
    grant = take({"dialer:1": 10.0}, 5)
    assert (grant.tokens, grant.wait) == (0, 1.0)
    give_back({"dialer:1": 10.0}, 5)
    hold(1, "pace")
    assert held(1) == ""


def test_a_broker_that_is_away_does_not_reach_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the broker is away")

    monkeypatch.setattr(current_app, "send_task", away)
    wake.wake("providers.drain_statuses")
    assert redis.exists("wake:providers.drain_statuses")
