"""Tallies: exact at every moment, folded or not, and after the rows are gone."""

import threading

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from providers import ledger, tally
from providers.ledger import Move
from providers.models import Message, Provider, Tally, TallyDelta
from providers.states import PENDING, SKIPPED, TALLY_KEYS, State
from tests.factories import NOW
from tests.providers.scenes import BATCH, assert_tally_is_exact, later, queued


def test_every_key_is_there_from_the_beginning() -> None:
    expected = "pending queued submitting uncertain accepted refused sent expired failed delivered read skipped replied"
    assert set(TALLY_KEYS.values()) == set(expected.split())


def test_a_batch_without_a_row_counts_nothing(provider: Provider) -> None:
    assert set(tally.read([4711])[4711].values()) == {0}


def test_a_tally_agrees_with_the_ledger_through_every_move(provider: Provider) -> None:
    messages = queued(provider, 6)
    keys = [message.pk for message in messages]
    assert_tally_is_exact()
    ledger.submit(keys, later(seconds=90), NOW)
    assert_tally_is_exact()
    ledger.requeue(keys[:2], NOW, error="unreachable")
    assert_tally_is_exact()
    ledger.move(Move(key, State.ACCEPTED, {"accepted_at": NOW}) for key in keys[2:])
    assert_tally_is_exact()
    ledger.move(Move(key, State.ACCEPTED, {"accepted_at": NOW}) for key in keys[2:])
    assert_tally_is_exact()
    ledger.mark_replied({keys[3]: NOW, keys[4]: NOW})
    assert_tally_is_exact()


def test_folding_changes_no_count_and_leaves_no_delta(provider: Provider) -> None:
    keys = [message.pk for message in queued(provider, 3)]
    ledger.submit(keys, later(seconds=90), NOW)
    before = tally.read([BATCH])
    assert tally.fold(limit=1) == 1
    assert tally.read([BATCH]) == before
    while tally.fold():
        pass
    ledger.move([Move(keys[0], State.READ, {"read_at": NOW})])
    while tally.fold():
        pass
    assert not TallyDelta.objects.exists()
    assert Tally.objects.filter(batch=BATCH).count() > 0
    assert_tally_is_exact()


def test_a_fold_keeps_to_its_limit_whatever_the_plan(provider: Provider) -> None:
    for _ in range(20):
        tally.append({(BATCH, PENDING): 1})
    with connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    assert tally.fold(limit=3) == 3
    assert TallyDelta.objects.count() == 17


def test_a_tally_outlives_its_messages(provider: Provider) -> None:
    messages = queued(provider, 2)
    ledger.move([Move(messages[0].pk, State.DELIVERED, {"delivered_at": NOW})])
    Message.objects.filter(batch=BATCH).delete()
    counts = tally.read([BATCH])[BATCH]
    assert (counts["delivered"], counts["queued"]) == (1, 1)


def test_what_a_layer_above_counts_stands_beside_the_states(provider: Provider) -> None:
    tally.append({(BATCH, PENDING): 5})
    tally.append({(BATCH, PENDING): -2, (BATCH, SKIPPED): 2})
    counts = tally.read([BATCH])[BATCH]
    assert (counts["pending"], counts["skipped"]) == (3, 2)


def test_messages_of_no_batch_are_in_no_tally(provider: Provider) -> None:
    (message,) = queued(provider, batch=None)
    ledger.move([Move(message.pk, State.READ, {"read_at": NOW})])
    ledger.mark_replied({message.pk: NOW})
    assert not TallyDelta.objects.exists()


def test_batches_are_read_in_one_query_so_that_no_fold_slips_between(
    provider: Provider, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    queued(provider, 2)
    queued(provider, 3, batch=BATCH + 1)
    with django_assert_num_queries(1):
        counts = tally.read([BATCH, BATCH + 1])
    assert [counts[BATCH]["queued"], counts[BATCH + 1]["queued"]] == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_two_folds_at_once_lose_and_double_nothing() -> None:
    for _ in range(200):
        tally.append({(BATCH, PENDING): 1, (BATCH, SKIPPED): 2})
    start = threading.Barrier(3)

    def fold() -> None:
        start.wait(5)
        while tally.fold(limit=7):
            pass
        connection.close()

    threads = [threading.Thread(target=fold) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = tally.read([BATCH])[BATCH]
    assert (counts["pending"], counts["skipped"]) == (200, 400)
    assert not TallyDelta.objects.exists()
