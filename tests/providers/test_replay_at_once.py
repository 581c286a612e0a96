"""Replaying while the drain is at the same callbacks, and while they are pruned, on real PostgreSQL."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction

from providers.callbacks import inbox
from providers.callbacks.drain import drain_messages, replay, replay_stored
from providers.contacts import contact_for
from providers.models import Callback, Message
from providers.models.callback import CallbackKind
from tests.factories import CUSTOMER, NOW, make_provider
from tests.providers.scenes import clock, envelope, message_item, stored

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_redis")]

SOMEBODY_WAITS = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"


def replayed(key: int) -> bool:
    try:
        return replay(key, NOW)
    finally:
        connection.close()


def until_it_waits_for_this_transaction(other: Future[bool]) -> None:
    with connection.cursor() as cursor:
        waiting = False
        while not waiting and not other.done():
            cursor.execute(SOMEBODY_WAITS)
            (waiting,) = cursor.fetchone()


def test_a_replay_waits_for_the_drain_before_it_makes_anybodys_contact() -> None:
    provider = make_provider()
    callback = stored(provider, CallbackKind.MESSAGE, envelope(message_item(CUSTOMER)))
    with ThreadPoolExecutor(1) as beside:
        with transaction.atomic():
            inbox.take([callback.pk], NOW)  # as the drain does
            again = beside.submit(replayed, callback.pk)
            until_it_waits_for_this_transaction(again)
            contact_for(
                provider, CUSTOMER
            )  # would wait for a replay that had made it, and that waits for this
        assert again.result()
    drain_messages(clock())
    assert Message.objects.count() == 1


def test_a_callback_that_is_pruned_meanwhile_does_not_stop_a_replay() -> None:
    provider = make_provider()
    first, second, third = (
        stored(provider, CallbackKind.MESSAGE, envelope(message_item(f"5989900000{n}"))) for n in range(3)
    )

    def while_pruning() -> datetime:
        Callback.objects.filter(pk=second.pk).delete()
        return NOW

    assert replay_stored(Callback.objects.order_by("id"), while_pruning) == (2, 0)
    assert set(Callback.objects.values_list("pk", flat=True)) == {first.pk, third.pk}
