"""Erasing and pruning while others are at work, on real PostgreSQL."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from providers.callbacks.drain import drain_messages
from providers.erasing import ledger
from providers.models import Callback, Contact, Erasure, Message, Provider
from providers.models.callback import CallbackKind, CallbackState
from tests.factories import NOW, incoming, make_contact, make_provider
from tests.providers.scenes import clock, envelope, message_item, stored
from ucontact_wavy import erasing
from ucontact_wavy.pruning import prune

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "5511987654321"


@pytest.fixture
def provider(transactional_db: None) -> Provider:
    return make_provider()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def beside(threads: ThreadPoolExecutor, act: Callable[[], Any]) -> Future[Any]:
    """An act on a connection of its own."""

    def run() -> Any:
        try:
            return act()
        finally:
            connection.close()

    return threads.submit(run)


def until_somebody_waits_for_this_transaction() -> None:
    with connection.cursor() as cursor:
        waiting = False
        while not waiting:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            (waiting,) = cursor.fetchone()


def test_a_message_that_is_just_received_is_erased_with_the_rest(
    provider: Provider, threads: ThreadPoolExecutor
) -> None:
    make_contact(provider, NUMBER)
    erasure = erasing.request(NUMBER, None, None, NOW - timedelta(seconds=1))
    stored(provider, CallbackKind.MESSAGE, envelope(message_item(NUMBER, "hello")))
    with transaction.atomic():
        drain_messages(clock())
        erased = beside(threads, lambda: erasing.erase(erasure.pk, clock()))
        until_somebody_waits_for_this_transaction()
    assert erased.result(timeout=60)
    assert [one.text for one in Message.objects.all()] == [""]
    assert Contact.objects.get().erased


def test_a_message_that_comes_while_the_contact_is_forgotten_makes_a_new_one(
    provider: Provider, threads: ThreadPoolExecutor
) -> None:
    contact = make_contact(provider, NUMBER, name="María")
    erasure = Erasure.objects.create(number=NUMBER, requested_at=NOW)
    stored(provider, CallbackKind.MESSAGE, envelope(message_item(NUMBER, "hello")))
    with transaction.atomic():
        person = erasing.person_of(NUMBER, None)
        ledger.forget_contacts(erasure, person, lambda *_: None)
        drained = beside(threads, lambda: drain_messages(clock()))
        until_somebody_waits_for_this_transaction()
    assert drained.result(timeout=60) == 1
    new = Contact.objects.exclude(pk=contact.pk).get()
    assert (new.contact, new.messages.get().text) == (NUMBER, "hello")
    contact.refresh_from_db()
    assert (contact.erased, contact.name, contact.last_incoming_at) == (True, "", None)


def test_several_erasing_the_same_at_once_do_it_once(provider: Provider, threads: ThreadPoolExecutor) -> None:
    for n in range(20):
        incoming(
            Contact.objects.filter(contact=NUMBER).first() or make_contact(provider, NUMBER), text=f"text {n}"
        )
    erasure = erasing.request(NUMBER, None, None, NOW)
    results = [beside(threads, lambda: erasing.erase(erasure.pk, clock())) for _n in range(4)]
    assert any(result.result(timeout=60) for result in results)
    erasure.refresh_from_db()
    assert erasure.counts["messages"] == 20


def test_several_pruning_at_once_prune_once(provider: Provider, threads: ThreadPoolExecutor) -> None:
    old = NOW - timedelta(days=500)
    Callback.objects.bulk_create(
        Callback(
            provider=provider, kind=CallbackKind.STATUS, body=b"{}", received_at=old, state=CallbackState.DONE
        )
        for _n in range(2500)
    )
    results = [beside(threads, lambda: prune(NOW)) for _n in range(4)]
    assert sum(result.result(timeout=60) for result in results) == 2500
    assert not Callback.objects.exists()


def test_what_somebody_else_holds_is_left_for_later(provider: Provider, threads: ThreadPoolExecutor) -> None:
    message = incoming(make_contact(provider, NUMBER), at=NOW - timedelta(days=500), taken_up=True)
    with transaction.atomic():
        Message.objects.select_for_update().get(pk=message.pk)
        assert beside(threads, lambda: prune(NOW)).result(timeout=60) == 0
    assert prune(NOW) == 1
