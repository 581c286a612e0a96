"""The operator's two acts on what nobody knows to have left."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
import responses
from django.db import connection

from accounts.models import User
from providers import ledger, tally
from providers.errors import Refusal
from providers.models import Message, Provider
from providers.replies import send_replies
from providers.states import State
from providers.unconfirmed import send_again, take_as_sent
from tests.factories import NOW, make_operator, make_provider
from tests.providers.scenes import (
    BATCH,
    accepted,
    answers_with,
    assert_tally_is_exact,
    clock,
    later,
    on_wire,
    queued,
    reloaded,
    states,
    status_item,
    statuses,
)

Act = Callable[[Message, User | None, datetime], Message]


def uncertain(provider: Provider, batch: int | None = BATCH) -> Message:
    (message,) = queued(provider, batch=batch)
    ledger.submit([message.pk], NOW, NOW)
    ledger.expire_leases(later(seconds=1))
    return reloaded(message)


def test_taken_as_sent_it_is_accepted_and_says_by_whom(provider: Provider) -> None:
    operator = make_operator()
    message = take_as_sent(uncertain(provider), operator, later(minutes=5))
    assert (message.state_key, message.error) == ("accepted", "")
    assert (message.decided_by, message.decided_at) == (operator, later(minutes=5))
    assert message.accepted_at == later(minutes=5)
    assert_tally_is_exact()


def test_a_callback_goes_on_from_what_was_taken_as_sent(provider: Provider) -> None:
    message = take_as_sent(uncertain(provider), None, NOW)
    statuses(provider, status_item(message, 2, 4))
    assert states([message]) == ["delivered"]
    assert_tally_is_exact()


def test_sent_again_it_is_a_new_message_in_the_place_of_the_old(provider: Provider) -> None:
    operator = make_operator()
    old = uncertain(provider)
    new = send_again(old, operator, later(minutes=5))
    old = reloaded(old)
    assert new.correlation_id != old.correlation_id
    assert (new.state_key, new.batch, new.address, new.content) == ("queued", BATCH, old.address, old.content)
    assert (old.state_key, old.batch, old.sent_again_as) == ("uncertain", None, new)
    assert (old.decided_by, new.author) == (operator, operator)
    assert tally.read([BATCH])[BATCH]["queued"] == 1
    assert_tally_is_exact()


def test_a_row_that_was_answered_before_it_was_sent_again_counts_one_reply(provider: Provider) -> None:
    old = uncertain(provider)
    ledger.mark_replied({old.pk: NOW})
    new = send_again(reloaded(old), None, NOW)
    assert_tally_is_exact()
    ledger.mark_replied({new.pk: NOW})
    assert tally.read([BATCH])[BATCH]["replied"] == 1
    assert_tally_is_exact()


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNCERTAIN], ids=str)
@pytest.mark.parametrize("act", [take_as_sent, send_again])
def test_what_is_not_unconfirmed_cannot_be_decided(provider: Provider, act: Act, state: State) -> None:
    (message,) = queued(provider)
    Message.objects.filter(pk=message.pk).update(state=state)
    with pytest.raises(Refusal) as why:
        act(message, None, NOW)
    assert (why.value.code, why.value.status) == ("not_uncertain", 409)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("act", [take_as_sent, send_again])
def test_what_was_sent_again_is_decided_for_good(provider: Provider, act: Act) -> None:
    old = uncertain(provider)
    send_again(old, None, NOW)
    with pytest.raises(Refusal):
        act(old, None, NOW)
    assert Message.objects.count() == 2


def test_nothing_uncertain_is_sent_by_itself(provider: Provider, wavy: responses.RequestsMock) -> None:
    message = uncertain(provider, batch=None)
    send_replies(clock(later(hours=1)))
    assert len(wavy.calls) == 0
    assert states([message]) == ["uncertain"]


def test_a_single_message_sent_again_leaves_by_its_lane(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    new = send_again(uncertain(provider, batch=None), None, NOW)
    send_replies(clock(later(seconds=2)))
    assert on_wire(wavy) == {str(new.correlation_id): 1}


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_make_one_new_message() -> None:
    old = uncertain(make_provider())
    start = threading.Barrier(2)
    refusals: list[str] = []

    def press() -> None:
        start.wait(5)
        try:
            send_again(old, None, NOW)
        except Refusal as why:
            refusals.append(why.code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == ["not_uncertain"]
    assert Message.objects.count() == 2
    assert_tally_is_exact()
