"""Redis wiped, and Redis standing still, under callbacks: no answer is late, and none is another.

How late: whoever asked Redis while it stands still would wait for a hint's patience (a tenth of a second), and that
would be every callback, so their median tells; who published to it, for the broker's (two seconds to connect, five for
the rest), and one in a second would, so the slowest tells. Neither depends on how busy the machine is.
"""

from collections.abc import Sequence
from statistics import median

from django.conf import settings

from providers.wake import HINT_PATIENCE
from tests.served.served import Served, Told
from tools.waiting import eventually

ENOUGH = 300
BROKER_PATIENCE = settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_connect_timeout"]


def assert_none_waited(told: Sequence[Told]) -> None:
    assert {one.status for one in told} == {200}
    assert median(one.seconds for one in told) < HINT_PATIENCE
    assert max(one.seconds for one in told) < BROKER_PATIENCE


def test_a_wiped_redis_delays_no_answer(served: Served) -> None:
    with served.flooded() as told:
        while len(told) < ENOUGH:
            served.flush_redis()
    assert_none_waited(told)
    assert len(served.stored()) == len(told)


def test_a_redis_that_stands_still_delays_no_answer(served: Served) -> None:
    with served.flooded() as told:
        eventually(lambda: len(told) > ENOUGH, what="callbacks are taken in")
        with served.redis_stopped():
            before = len(told)
            eventually(lambda: len(told) > before + ENOUGH, what="callbacks are taken in without Redis")
            meanwhile = told[before:]
    assert_none_waited(meanwhile)
    assert_none_waited(told)
    assert len(served.stored()) == len(told)


def test_once_redis_goes_on_the_drain_is_woken_again(served: Served) -> None:
    with served.redis_stopped():
        served.post("message", b"[]")
    served.flush_redis()

    def woken() -> bool:
        served.post("message", b"[]")
        return "providers.drain_messages" in served.woken()

    eventually(woken, what="a callback wakes the drain")
