"""Sending to many: groups and their halves, what holds the rest back, and two workers on the same messages."""

import json
import threading
from collections import Counter
from typing import Any

import pytest
import requests
import responses
from django.db import connection

from providers import ledger
from providers.drivers.base import Verdict
from providers.models import Provider
from providers.sending import send_chunk
from tests.factories import NOW, make_contact, make_provider, make_template
from tests.providers.scenes import (
    POLICY,
    SEND_URL,
    accepted,
    answer,
    answers_with,
    assert_tally_is_exact,
    clock,
    number,
    on_wire,
    queued,
    reloaded,
    send,
    sent_by,
    states,
    status_item,
    statuses,
)

ERROR = json.dumps({"errorCode": 500, "errorMessage": "Try later"})


# Groups


def test_people_of_the_same_content_share_a_request_up_to_the_providers_number(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    provider.recipients_per_request = 4
    answers_with(wavy, accepted)
    messages = queued(provider, 10) + queued(provider, 2, text="Other")
    send(provider, messages)
    assert sorted(len(sent_by(call.request)) for call in wavy.calls) == [2, 2, 4, 4]
    assert set(states(messages)) == {"accepted"}


@pytest.mark.parametrize("parameters", [("Ana", "Eva")], ids=["two names"])
def test_different_parameters_never_share_a_request(
    provider: Provider, wavy: responses.RequestsMock, parameters: tuple[str, str]
) -> None:
    make_template(provider)
    drafts = [
        ledger.Draft(
            make_contact(provider, number(9000 + key)),
            "hsm",
            {"code": "reminder", "language": "en", "parameters": [name]},
            name,
        )
        for key, name in enumerate(parameters)
    ]
    answers_with(wavy, accepted)
    send(provider, ledger.queue(provider, drafts, NOW))
    bodies = [json.loads(call.request.body or b"") for call in wavy.calls]
    assert sorted(body["message"]["hsm"]["parameters"][0] for body in bodies) == ["Ana", "Eva"]


def test_two_messages_to_one_person_never_share_a_request(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    contact = make_contact(provider, last_incoming_at=NOW)
    drafts = [ledger.Draft(contact, "text", {"text": "Hi"}, "Hi", batch=77) for _ in range(2)]
    answers_with(wavy, accepted)
    messages = ledger.queue(provider, drafts, NOW)
    send(provider, messages)
    assert [len(sent_by(call.request)) for call in wavy.calls] == [1, 1]
    assert states(messages) == ["accepted", "accepted"]


@pytest.mark.parametrize("status", [400, 404, 405, 412], ids=str)
def test_a_group_that_is_turned_away_names_the_one_bad_recipient(
    provider: Provider, wavy: responses.RequestsMock, status: int
) -> None:
    messages = queued(provider, 16)
    bad = str(messages[11].correlation_id)

    def reply(request: requests.PreparedRequest) -> Any:
        return answer(status, ERROR) if bad in sent_by(request) else accepted(request)

    answers_with(wavy, reply)
    send(provider, messages)
    expected = ["accepted"] * 16
    expected[11] = "refused"
    assert states(messages) == expected
    asked = on_wire(wavy)
    assert asked[bad] == 5  # 16, 8, 4, 2, 1
    assert max(asked.values()) <= 5
    assert {message.attempts for message in map(reloaded, messages)} == {1}
    assert_tally_is_exact()


def test_a_group_of_which_everybody_is_bad_ends_too(provider: Provider, wavy: responses.RequestsMock) -> None:
    wavy.add(responses.POST, SEND_URL, body=ERROR, status=400)
    messages = queued(provider, 7)
    send(provider, messages)
    assert set(states(messages)) == {"refused"}
    assert max(on_wire(wavy).values()) <= 4


def test_a_recipient_that_a_2xx_lacks_is_uncertain_and_the_others_are_accepted(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    messages = queued(provider, 3)
    missing = str(messages[1].correlation_id)

    def reply(request: requests.PreparedRequest) -> Any:
        named = [c for c in sent_by(request) if c != missing]
        return answer(200, {"id": "e", "destinations": [{"id": c, "correlationId": c} for c in named]})

    answers_with(wavy, reply)
    send(provider, messages)
    assert states(messages) == ["accepted", "uncertain", "accepted"]
    assert reloaded(messages[1]).error == "recipient_missing"
    send(provider, messages)
    assert len(wavy.calls) == 1


def test_a_group_without_an_answer_is_uncertain_for_all_of_them(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=requests.ReadTimeout())
    messages = queued(provider, 5)
    send(provider, messages)
    assert states(messages) == ["uncertain"] * 5
    assert len(wavy.calls) == 1


def test_a_message_id_longer_than_the_column_does_not_lose_the_answer(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    (message,) = queued(provider)
    entry = {"id": "w" * 255, "correlationId": str(message.correlation_id)}
    wavy.add(responses.POST, SEND_URL, json={"id": "e", "destinations": [entry]})
    send(provider, [message])
    assert states([message]) == ["accepted"]


def test_a_template_without_a_language_of_its_own_leaves_in_the_only_one_there_is(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    make_template(provider)
    content = {"code": "reminder", "parameters": ["Ana"]}
    messages = ledger.queue(
        provider, [ledger.Draft(make_contact(provider), "hsm", content, "Hello Ana")], NOW
    )
    answers_with(wavy, accepted)
    send(provider, messages)
    assert states(messages) == ["accepted"]


# Stopping


def test_what_may_not_go_on_stays_queued(provider: Provider, wavy: responses.RequestsMock) -> None:
    messages = queued(provider, 3)
    send(provider, messages, may_go_on=lambda: False)
    assert states(messages) == ["queued"] * 3
    assert {reloaded(message).attempts for message in messages} == {0}
    assert len(wavy.calls) == 0


def test_a_pause_in_the_middle_leaves_the_rest_queued(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    provider.recipients_per_request = 1
    answers_with(wavy, accepted)
    messages = queued(provider, 80)
    turns = iter([True])
    send(provider, messages, may_go_on=lambda: next(turns, False))
    counted = Counter(states(messages))
    assert counted == {"accepted": 32, "queued": 48}
    assert_tally_is_exact()


def test_a_pause_while_a_group_is_being_split_leaves_its_halves_queued(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=ERROR, status=400)
    messages = queued(provider, 8)
    turns = iter([True])
    send(provider, messages, may_go_on=lambda: next(turns, False))
    assert states(messages) == ["queued"] * 8
    assert {reloaded(message).attempts for message in messages} == {0}
    assert len(wavy.calls) == 1


@pytest.mark.parametrize("status", [401, 429], ids=["credentials", "slow down"])
def test_once_turned_away_no_further_request_leaves(
    provider: Provider, wavy: responses.RequestsMock, status: int
) -> None:
    provider.recipients_per_request = 1
    wavy.add(responses.POST, SEND_URL, body=ERROR, status=status)
    messages = queued(provider, 80)
    report = send(provider, messages)
    assert report.must_stop
    assert len(wavy.calls) == 32  # what was in flight at once
    assert states(messages) == ["queued"] * 80
    assert report.verdicts == {Verdict.CREDENTIALS if status == 401 else Verdict.SLOW_DOWN: 32}


def test_submitting_is_on_record_before_the_request_leaves(
    provider: Provider, wavy: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    submit = ledger.submit

    def noted(*arguments: Any) -> list[int]:
        keys = submit(*arguments)
        events.append("submitted")
        return keys

    def reply(request: requests.PreparedRequest) -> Any:
        events.append("left")
        return accepted(request)

    monkeypatch.setattr(ledger, "submit", noted)
    answers_with(wavy, reply)
    send(provider, queued(provider))
    assert events == ["submitted", "left"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_messages_send_each_once(wavy: responses.RequestsMock) -> None:
    provider = make_provider(recipients_per_request=3)
    answers_with(wavy, accepted)
    messages = queued(provider, 60)
    start = threading.Barrier(2)

    def work() -> None:
        loaded = [reloaded(message) for message in messages]
        start.wait(5)
        send_chunk(provider, loaded, clock(), policy=POLICY)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(states(messages)) == {"accepted"}
    assert on_wire(wavy) == {str(message.correlation_id): 1 for message in messages}
    assert_tally_is_exact()


# Beside the callbacks


@pytest.mark.django_db(transaction=True)
def test_a_status_that_comes_before_the_answer_to_the_send_is_not_undone_by_it(
    wavy: responses.RequestsMock,
) -> None:
    provider = make_provider()
    (message,) = queued(provider)

    def reply(request: requests.PreparedRequest) -> Any:
        statuses(provider, status_item(message, 2, 4))
        connection.close()
        return accepted(request)

    answers_with(wavy, reply)
    send(provider, [message])
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.accepted_at) == ("delivered", NOW)
    assert_tally_is_exact()


def test_a_status_that_only_knows_their_id_waits_for_the_answer_that_names_it(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    (message,) = queued(provider)
    statuses(provider, status_item(message, 2, 4, correlationId=""))
    assert states([message]) == ["queued"]
    answers_with(wavy, accepted)
    send(provider, [message])
    assert states([message]) == ["delivered"]
    assert_tally_is_exact()
