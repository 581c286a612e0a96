"""A database that is killed under callbacks: whatever was answered 200 is there afterwards."""

from collections.abc import Sequence

from tests.served.served import Served, Told
from tools.waiting import eventually

ENOUGH = 100


def taken(told: Sequence[Told]) -> set[int]:
    """The numbers of those that were answered 200."""
    return {one.number for one in told if one.status == 200}


def test_what_was_answered_200_survives_the_kill_of_postgresql(served: Served) -> None:
    with served.flooded() as told:
        eventually(lambda: len(taken(told)) > ENOUGH, what="callbacks are taken in")
        served.kill_postgres()
        eventually(lambda: any(one.status == 503 for one in told), what="Wavy is asked to try again")
        served.revive()
        before = len(taken(told))
        eventually(lambda: len(taken(told)) > before + ENOUGH, what="callbacks are taken in again")
    assert {one.status for one in told} == {200, 503}
    assert taken(told) <= served.stored()

    served.drain()
    in_ledger = {int(text) for (text,) in served.query("SELECT text FROM providers_message")}
    assert taken(told) <= in_ledger
    assert served.query("SELECT count(*) FROM providers_callback WHERE state <> 1") == [(0,)]
