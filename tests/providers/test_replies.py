"""The lane of single messages: in order per contact, nobody waits behind somebody else's trouble."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from providers import ledger, outbox
from providers.errors import Refusal
from providers.models import Contact, DoNotCall, Message, Provider
from providers.models.template import TemplateState
from providers.replies import send_replies
from providers.wake import redis
from tests.factories import NOW, make_contact, make_provider, make_template, make_user
from tests.providers.scenes import (
    SEND_URL,
    accepted,
    answer,
    answers_with,
    clock,
    later,
    number,
    on_wire,
    queued,
    reloaded,
    states,
)

TROUBLE = json.dumps({"errorCode": 500, "errorMessage": "Try later"})


def reply_to(contact: Contact, *texts: str) -> list[Message]:
    return [outbox.send(contact, outbox.compose_text(text), None, NOW) for text in texts]


def people(provider: Provider, n: int) -> list[Contact]:
    return [make_contact(provider, number(500 + index), last_incoming_at=NOW) for index in range(n)]


def spoken(wavy: responses.RequestsMock) -> list[str]:
    """The texts that reached the wire, in order."""
    return [json.loads(call.request.body or b"")["message"]["messageText"] for call in wavy.calls]


# Composing and queueing


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n", "empty"), ("x" * 4097, "too_long")],
    ids=["empty", "blank", "long"],
)
def test_a_text_that_whatsapp_would_not_take_is_refused_at_once(
    provider: Provider, text: str, code: str
) -> None:
    contact = make_contact(provider, last_incoming_at=NOW)
    with pytest.raises(Refusal) as why:
        outbox.send(contact, outbox.compose_text(text), None, NOW)
    assert (why.value.code, why.value.status) == (code, 400)


def test_a_template_is_composed_as_the_customer_will_read_it(provider: Provider) -> None:
    make_template(provider, body="Hello {{1}}, see you {{2}}", parameters=2)
    composed = outbox.compose_template(provider, "reminder", ["Ana", "on Monday"])
    assert composed.text == "Hello Ana, see you on Monday"
    assert composed.content == {"code": "reminder", "language": "en", "parameters": ["Ana", "on Monday"]}


def test_a_template_that_is_not_approved_is_not_composed(provider: Provider) -> None:
    make_template(provider, state=TemplateState.DISAPPROVED)
    with pytest.raises(Refusal, match="not approved"):
        outbox.compose_template(provider, "reminder", ["Ana"])


@pytest.mark.usefixtures("clean_redis")
def test_a_queued_answer_wakes_its_lane_once_committed(
    provider: Provider, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    author = make_user("ana")
    (contact,) = people(provider, 1)
    with django_capture_on_commit_callbacks(execute=True):
        message = outbox.send(contact, outbox.compose_text("Hi"), author, NOW)
        assert not redis.exists("wake:providers.send_replies")
    assert redis.exists("wake:providers.send_replies")
    assert (message.state_key, message.author, message.batch) == ("queued", author, None)


def test_what_the_gate_refuses_is_not_queued(provider: Provider) -> None:
    (contact,) = people(provider, 1)
    DoNotCall.objects.create(number=contact.contact, provider=provider)
    with pytest.raises(Refusal) as why:
        reply_to(contact, "Hi")
    assert why.value.code == "do_not_call"
    assert not Message.objects.exists()


# Order


def test_the_answers_to_a_contact_leave_in_order_one_at_a_time(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    (contact,) = people(provider, 1)
    reply_to(contact, "one", "two", "three")
    assert send_replies(clock()) == 3
    assert spoken(wavy) == ["one", "two", "three"]


def test_an_answer_waits_for_the_one_before_it_even_where_that_has_to_be_tried_again(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=TROUBLE, status=500)
    (contact,) = people(provider, 1)
    first, second = reply_to(contact, "one", "two")
    send_replies(clock())
    assert spoken(wavy) == ["one"]
    assert states([first, second]) == ["queued", "queued"]
    wavy.reset()
    answers_with(wavy, accepted)
    send_replies(clock(later(seconds=1)))
    assert spoken(wavy) == []
    send_replies(clock(later(seconds=6)))
    assert spoken(wavy) == ["one", "two"]


def test_while_one_is_leaving_the_next_of_the_contact_waits(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    (contact,) = people(provider, 1)
    first, _second = reply_to(contact, "one", "two")
    ledger.submit([first.pk], later(seconds=90), NOW)
    assert send_replies(clock()) == 0
    ledger.expire_leases(later(seconds=91))
    assert send_replies(clock(later(seconds=91))) == 1
    assert spoken(wavy) == ["two"]


def test_a_stuck_contact_does_not_hold_up_the_others(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    stuck, *others = people(provider, 40)
    (held,) = reply_to(stuck, "stuck")
    for contact in others:
        reply_to(contact, "fine")

    def answered(request: requests.PreparedRequest) -> Any:
        return answer(500, TROUBLE) if "stuck" in str(request.body) else accepted(request)

    answers_with(wavy, answered)
    send_replies(clock())
    assert states([held]) == ["queued"]
    assert spoken(wavy).count("stuck") == 1
    assert Message.objects.filter(state=40).count() == 39


def test_trouble_is_tried_again_after_a_wait_three_times_in_all(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=TROUBLE, status=500)
    (message,) = reply_to(people(provider, 1)[0], "Hi")
    for turn in range(10):
        send_replies(clock(later(seconds=turn)))
    assert len(wavy.calls) == 2  # at 0 and 5 seconds
    send_replies(clock(later(seconds=10)))
    send_replies(clock(later(seconds=60)))
    assert len(wavy.calls) == 3
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error) == ("refused", "provider_trouble")


def test_a_provider_out_of_reach_is_left_alone_and_the_other_is_served(
    provider: Provider, other_provider: Provider, wavy: responses.RequestsMock
) -> None:
    for contact in people(provider, 100):
        reply_to(contact, "lost")
    (theirs,) = reply_to(make_contact(other_provider, number(1), last_incoming_at=NOW), "fine")

    def answered(request: requests.PreparedRequest) -> Any:
        return answer(429, "") if "lost" in str(request.body) else accepted(request)

    answers_with(wavy, answered)
    send_replies(clock())
    assert states([theirs]) == ["accepted"]
    assert spoken(wavy).count("lost") == 1
    assert Message.objects.filter(provider=provider, state=10).count() == 100


def test_the_messages_of_a_base_are_not_this_lanes(provider: Provider, wavy: responses.RequestsMock) -> None:
    messages = queued(provider, 3)
    assert send_replies(clock()) == 0
    assert states(messages) == ["queued"] * 3


def test_a_window_that_closed_meanwhile_refuses_and_lets_the_next_go(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    make_template(provider)
    answers_with(wavy, accepted)
    (contact,) = people(provider, 1)
    (late,) = reply_to(contact, "late")
    template = outbox.send(contact, outbox.compose_template(provider, "reminder", ["Ana"]), None, NOW)
    send_replies(clock(NOW + timedelta(hours=25)))
    assert states([late, template]) == ["refused", "accepted"]


@pytest.mark.django_db(transaction=True)
def test_two_lanes_at_once_keep_the_order_and_send_each_once(wavy: responses.RequestsMock) -> None:
    answers_with(wavy, accepted)
    contacts = people(make_provider(), 6)
    sent = [
        message
        for contact in contacts
        for message in reply_to(contact, *(f"{contact.pk}-{n}" for n in range(4)))
    ]
    start = threading.Barrier(2)

    def work() -> None:
        start.wait(5)
        send_replies(clock())
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send_replies(clock())  # what was just leaving when both looked
    assert on_wire(wavy) == {str(message.correlation_id): 1 for message in sent}
    for contact in contacts:
        mine = [text for text in spoken(wavy) if text.startswith(f"{contact.pk}-")]
        assert mine == [f"{contact.pk}-{n}" for n in range(4)]
