"""Sending a chunk: Wavy's table of answers, groups in halves, and nothing sent twice."""

import json

import pytest
import requests
import responses

from providers.models import Message, Provider
from providers.sending import send_chunk
from providers.states import State
from tests.factories import NOW
from tests.providers.scenes import (
    POLICY,
    SEND_URL,
    accepted,
    answers_with,
    assert_tally_is_exact,
    clock,
    later,
    queued,
    reloaded,
    send,
    states,
)

ERROR = json.dumps({"errorCode": 500, "errorMessage": "Try later"})


# The table of answers


def test_a_2xx_that_names_our_destination_is_accepted(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    answers_with(wavy, accepted)
    (message,) = queued(provider)
    send(provider, [message])
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.attempts, fresh.error) == ("accepted", 1, "")
    assert (fresh.provider_message_id, fresh.accepted_at) == (f"w-{message.correlation_id}", NOW)
    assert_tally_is_exact()


@pytest.mark.parametrize(
    ("status", "body", "state", "error", "attempts", "wait"),
    [
        (420, "", "queued", "rate_limited", 0, 5),
        (429, "", "queued", "rate_limited", 0, 5),
        (401, ERROR, "queued", "credentials", 0, 30),
        (403, ERROR, "queued", "credentials", 0, 30),
        (500, ERROR, "queued", "provider_trouble", 1, 60),
        (503, ERROR, "queued", "provider_trouble", 1, 60),
        (400, ERROR, "refused", "bad_request", 1, None),
        (404, ERROR, "refused", "not_found", 1, None),
        (405, ERROR, "refused", "method", 1, None),
        (412, ERROR, "refused", "precondition", 1, None),
        (502, ERROR, "uncertain", "bad_gateway", 1, None),
        (504, ERROR, "uncertain", "bad_gateway", 1, None),
        (500, "<html>", "uncertain", "bad_gateway", 1, None),
        (503, "", "uncertain", "bad_gateway", 1, None),
        (200, "no JSON", "uncertain", "unreadable_answer", 1, None),
        (200, "{}", "uncertain", "recipient_missing", 1, None),
        (302, "", "uncertain", "unlisted_answer", 1, None),
        (418, ERROR, "uncertain", "unlisted_answer", 1, None),
    ],
    ids=[
        "420",
        "429",
        "401",
        "403",
        "500 with an error",
        "503 with an error",
        "400",
        "404",
        "405",
        "412",
        "502",
        "504",
        "500 of a gateway",
        "503 of a gateway",
        "200 unreadable",
        "200 without our recipient",
        "302",
        "unlisted",
    ],
)
def test_each_answer_leaves_the_state_that_the_table_says(
    provider: Provider,
    wavy: responses.RequestsMock,
    status: int,
    body: str,
    state: str,
    error: str,
    attempts: int,
    wait: int | None,
) -> None:
    wavy.add(responses.POST, SEND_URL, body=body, status=status)
    (message,) = queued(provider)
    send(provider, [message])
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error, fresh.attempts) == (state, error, attempts)
    assert fresh.not_before == (None if wait is None else later(seconds=wait))
    provider.refresh_from_db()
    assert bool(provider.suspended_at) is (error == "credentials")
    assert_tally_is_exact()


@pytest.mark.parametrize(
    ("lost", "state", "error", "attempts"),
    [
        (requests.ConnectTimeout(), "queued", "unreachable", 0),
        (requests.ReadTimeout(), "uncertain", "no_answer", 1),
        (requests.ConnectionError("Connection reset by peer"), "uncertain", "no_answer", 1),
    ],
    ids=["connect time-out", "read time-out", "reset after the request left"],
)
def test_without_an_answer_only_what_surely_stayed_here_waits(
    provider: Provider,
    wavy: responses.RequestsMock,
    lost: Exception,
    state: str,
    error: str,
    attempts: int,
) -> None:
    wavy.add(responses.POST, SEND_URL, body=lost)
    (message,) = queued(provider)
    send(provider, [message])
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.error, fresh.attempts) == (state, error, attempts)


def test_an_unknown_host_uses_no_attempt_however_often_it_is_tried(provider: Provider) -> None:
    (message,) = queued(provider)  # wavy.invalid has no address
    for turn in range(5):
        send(provider, [message], later(seconds=6 * turn))
    fresh = reloaded(message)
    assert (fresh.state_key, fresh.attempts, fresh.error) == ("queued", 0, "unreachable")


def test_after_the_last_attempt_it_is_refused_with_the_reason(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=ERROR, status=500)
    (message,) = queued(provider)
    seen = []
    for turn in range(3):
        send(provider, [message], later(minutes=turn))
        seen.append(states([message])[0])
    fresh = reloaded(message)
    assert seen == ["queued", "queued", "refused"]
    assert (fresh.error, fresh.error_detail, fresh.attempts) == ("provider_trouble", "Try later", 3)
    send(provider, [message], later(minutes=9))
    assert len(wavy.calls) == 3


def test_waits_without_an_attempt_do_not_eat_the_attempts(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    for status in (500, 429, 429, 429, 500, 429, 500):
        wavy.add(responses.POST, SEND_URL, body=ERROR, status=status)
    (message,) = queued(provider)
    seen = []
    for turn in range(7):
        send(provider, [message], later(minutes=turn))
        seen.append(states([message])[0])
    assert seen == ["queued"] * 6 + ["refused"]


@pytest.mark.parametrize("state", [State.UNCERTAIN, State.REFUSED, State.SUBMITTING, State.SENT], ids=str)
def test_what_is_not_queued_is_never_sent(
    provider: Provider, wavy: responses.RequestsMock, state: State
) -> None:
    (message,) = queued(provider)
    Message.objects.filter(pk=message.pk).update(state=state)
    send_chunk(provider, [message], clock(), policy=POLICY)
    assert len(wavy.calls) == 0
    assert states([message]) == [state.key]


def test_a_suspension_keeps_the_time_of_the_first_refusal(
    provider: Provider, wavy: responses.RequestsMock
) -> None:
    wavy.add(responses.POST, SEND_URL, body=ERROR, status=401)
    (message,) = queued(provider)
    send(provider, [message])
    send(provider, [message], later(minutes=5))
    provider.refresh_from_db()
    assert (provider.suspended_at, provider.suspended_reason) == (NOW, "credentials")
