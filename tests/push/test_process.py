"""What the push process does when Redis goes, when a reader is slow, and when very many listen."""

import asyncio
from collections.abc import Coroutine, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from providers.streams import Ticket, channel, seal
from tests.push.pushing import CATCH_UP, DEAF, SECRET, Pushing
from tools.waiting import eventually
from ucontact_wavy.push import hub, stream
from ucontact_wavy.push.app import Push
from ucontact_wavy.push.stream import Stream


def run(what: Coroutine[Any, Any, None]) -> None:
    """In a thread of its own: a browser that another test drives has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, what).result()


def listened_to(redis: Redis) -> set[str]:
    return {name if isinstance(name, str) else name.decode() for name in redis.pubsub_channels("live:*")}


def test_a_page_that_leaves_is_heard_for_no_more(pushing: Pushing, redis: Redis) -> None:
    with pushing.page(7, (5,), 6), pushing.page(8, (5,)):
        assert listened_to(redis) >= {channel("user", 7), channel("contact", 6), channel("queue", 5)}
    eventually(lambda: listened_to(redis) == {"live:all"}, 10, "nobody listens any more")


def test_while_redis_does_not_answer_the_pages_know_and_then_catch_up(pushing: Pushing) -> None:
    with pushing.page(7) as page:
        with pushing.redis_stopped():
            assert page.next() == DEAF
        assert page.next() == CATCH_UP


def test_a_redis_that_died_and_came_back_is_heard_again(pushing: Pushing) -> None:
    with pushing.page(7) as page:
        pushing.kill_redis()
        assert page.next() == DEAF
        pushing.servers.revive()
        assert page.next() == CATCH_UP
        with pushing.redis() as redis:
            eventually(lambda: redis.publish(channel("user", 7), "1"), 10, "somebody listens")
        assert page.next() == ("changed", "user")


def scope() -> dict[str, Any]:
    query = f"ticket={seal(Ticket(7), SECRET)}".encode()
    return {"type": "http", "path": "/push/", "method": "GET", "headers": [], "query_string": query}


async def never() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    return {}


def test_a_reader_who_takes_nothing_is_dropped(pushing: Pushing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PATIENCE_SECONDS", 0.05)
    push = Push("redis://127.0.0.1:1/0", SECRET, "")
    told: list[MutableMapping[str, Any]] = []

    async def stuck(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body" and message["more_body"]:
            await asyncio.Event().wait()
        told.append(message)

    run(push(scope(), never, stuck))
    assert (len(push.hub), told[-1]["more_body"]) == (0, False)


def test_a_beat_comes_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT_SECONDS", 0.02)
    told: list[str] = []

    async def take(message: MutableMapping[str, Any]) -> None:
        told.append(message["body"].decode())

    run(Stream(Ticket(7)).write(take, 0.1))
    assert told[0].startswith("retry: ")
    assert set(told[1:]) == {"event: beat\ndata: -\n\n"}


def test_however_much_happens_a_stream_holds_each_kind_once() -> None:
    told: list[str] = []

    async def take(message: MutableMapping[str, Any]) -> None:
        told.append(message["body"].decode())

    async def go() -> None:
        one = Stream(Ticket(7))
        for _ in range(10_000):
            one.tell("user")
            one.tell("contact")
        await one.write(take, 0.05)

    run(go())
    assert told[1:] == ["event: changed\ndata: contact user\n\n"]


@pytest.mark.parametrize(
    ("listeners", "within", "apart"),
    [
        pytest.param(5, 0.1, 1.0, id="a small team at once, and at most once a second"),
        pytest.param(50, 1.0, 1.0, id="fifty within a second"),
        pytest.param(400, 8.0, 8.0, id="a large one by and by"),
    ],
)
def test_what_all_of_a_queue_hear_is_spread(listeners: int, within: float, apart: float) -> None:
    assert hub.spread(listeners) == (within, apart)
