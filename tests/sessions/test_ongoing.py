"""Messages in interactions that agents have, many at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from campaigns.models import Campaign
from providers.models import Contact, Message, Provider
from sessions import ongoing, routing
from sessions.models import ChatSession, SessionState
from tests.factories import NOW, incoming, make_agent, make_campaign, make_contact, make_session

pytestmark = pytest.mark.django_db


def held(campaign: Campaign, n: int, **fields: Any) -> ChatSession:
    """An interaction that an agent has with the nth customer."""
    contact = make_contact(campaign.provider, f"5989900{n:04}", last_incoming_at=NOW)
    agent = make_agent(f"agent{n}", campaign)
    return make_session(contact, campaign, agent, **{"state": SessionState.ACTIVE} | fields)


def said(session: ChatSession) -> list[str]:
    return list(session.turns.order_by("message").values_list("message__text", flat=True))


def test_many_of_them_cost_a_few_queries(campaign: Campaign, django_assert_max_num_queries: Any) -> None:
    sessions = [held(campaign, n) for n in range(20)]
    for word in ("one", "two"):
        for session in sessions:
            incoming(session.contact, word)
    with django_assert_max_num_queries(15):
        assert routing.route(NOW) == 40
    assert [said(session) for session in sessions] == [["one", "two"]] * 20


def test_who_is_out_of_time_reads_so_and_the_others_only_go_on(
    provider: Provider, campaign: Campaign
) -> None:
    text = "We are closed."
    closed = make_campaign(provider, "Closed", schedule="sat;09:00-10:00", out_of_time=text)
    reads, open_one = held(closed, 1), held(campaign, 2)
    has_read = held(closed, 3, out_of_time_at=NOW)
    for session in (reads, open_one, has_read):
        incoming(session.contact, "Hello?")
    routing.route(NOW)
    assert [said(one) for one in (reads, open_one, has_read)] == [["Hello?", text], ["Hello?"], ["Hello?"]]


@contextmanager
def somebody_holds(row: Contact | ChatSession) -> Iterator[None]:
    """Another transaction has the row until the block ends."""
    has_it, may_go = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                type(row)._base_manager.select_for_update().get(pk=row.pk)
                has_it.set()
                may_go.wait(timeout=30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert has_it.wait(timeout=30)
        try:
            yield
        finally:
            may_go.set()
        holding.result(timeout=30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("row", ["contact", "interaction"])
def test_nobody_waits_for_a_customer_whose_row_is_held(campaign: Campaign, row: str) -> None:
    busy, free = held(campaign, 1), held(campaign, 2)
    messages = [incoming(busy.contact, "first"), incoming(free.contact, "second")]
    waiting = [(message.pk, message.contact_id) for message in messages]
    with somebody_holds(busy.contact if row == "contact" else busy):
        assert ongoing.go_on(waiting, NOW) == 1
    assert (said(busy), said(free)) == ([], ["second"])
    assert Message.objects.get(taken_up=False) == messages[0]
    routing.route(NOW)
    assert (said(busy), said(free)) == (["first"], ["second"])


def test_a_message_of_whom_an_agent_has_does_not_wait_for_all_the_new_customers(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(routing.BATCH + 1):
        incoming(make_contact(campaign.provider, f"5989911{n:04}", last_incoming_at=NOW), "Hello!")
    session = held(campaign, 1)
    incoming(session.contact, "Are you there?")
    before: list[list[str]] = []

    def first_of_the_others(_message_id: int, _now: object) -> bool:
        before.append(said(session))
        raise InterruptedError

    monkeypatch.setattr(routing, "route_message", first_of_the_others)
    with pytest.raises(InterruptedError):
        routing.route(NOW)
    assert before == [["Are you there?"]]


def test_a_conversation_that_moved_to_another_contact_meanwhile_is_left(campaign: Campaign) -> None:
    session, other = held(campaign, 1), make_contact(campaign.provider, "598990009999")
    message = incoming(session.contact)
    Message.objects.update(contact=other)
    assert ongoing.go_on([(message.pk, session.contact_id)], NOW) == 0
    assert not Message.objects.get().taken_up
