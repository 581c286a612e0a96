"""What every answer of the provider leads to: waiting, pausing, trying again, or the end of a row."""

import socket
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from dialers import bases
from dialers.dispatch import look_round
from dialers.models import Base, Dialer
from dialers.progress import waiting_for
from providers.models import Message, Provider
from providers.states import State
from providers.wake import redis
from tests.dialers.files import ADDRESS, hsm_lines, settle, started, state_of
from tests.dialers.wavy import Reply, Wavy, accept, trouble
from tests.factories import NOW, make_dialer, make_provider, make_template

PHONE = "59899123456"
LATER = NOW + timedelta(minutes=2)


def closed_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_rows_wait_while_the_provider_cannot_be_reached(wavy: Wavy, dialer: Dialer, settings: Any) -> None:
    settings.WAVY_API_URL = closed_port()
    base = started(dialer, hsm_lines(5, "hsm:notice:{n}"))
    assert settle(base)["queued"] == 5
    assert waiting_for(base, NOW) == "provider"
    assert look_round(NOW) == []
    assert state_of(base) == ("running", "")
    assert set(Message.objects.values_list("attempts", "error")) == {(0, "unreachable")}
    settings.WAVY_API_URL = wavy.url
    redis.flushdb()  # the hold has run out
    assert settle(base, LATER)["accepted"] == 5
    assert set(wavy.times_reached.values()) == {1}
    assert state_of(base) == ("finished", "")


def test_credentials_turned_away_pause_the_providers_bases(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(401)
    base = started(dialer, hsm_lines(3))
    other = started(make_dialer(dialer.provider, name="Second"), hsm_lines(2, dialer="Second"))
    elsewhere = make_provider("Elsewhere", "5511900000002")
    make_template(elsewhere, "welcome", "Welcome!")
    untouched = started(make_dialer(elsewhere, name="Far"), hsm_lines(2, dialer="Far"))
    assert settle(base)["queued"] == 3
    for paused in (base, other):
        assert state_of(paused) == ("paused", "credentials")
        assert waiting_for(Base.objects.get(pk=paused.pk), NOW) == "provider"
    assert state_of(untouched) == ("running", "")
    assert Message.objects.filter(batch=base.pk).values_list("attempts", flat=True)[0] == 0


def test_a_start_tries_the_credentials_again_at_once(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(403)
    base = started(dialer, hsm_lines(3))
    settle(base)
    bases.pause(base, NOW)
    assert state_of(base) == ("paused", "credentials")
    wavy.behave = accept
    bases.start(base, None, NOW)
    assert settle(base)["accepted"] == 3
    assert state_of(base) == ("finished", "")
    assert Provider.objects.get(pk=dialer.provider_id).suspended_at is None


def test_a_provider_that_a_reply_found_suspended_pauses_its_bases(wavy: Wavy, dialer: Dialer) -> None:
    base = started(dialer, hsm_lines(1))
    Provider.objects.update(suspended_at=NOW, suspended_reason="credentials")
    assert look_round(NOW) == []
    assert state_of(base) == ("paused", "credentials")


@pytest.mark.parametrize("status", [420, 429])
def test_a_provider_that_asks_for_patience_gets_it(wavy: Wavy, dialer: Dialer, status: int) -> None:
    wavy.behave = trouble(status)
    base = started(dialer, hsm_lines(5))
    assert settle(base)["queued"] == 5
    asked = len(wavy.arrivals)
    settle(base, LATER)
    assert len(wavy.arrivals) == asked
    assert waiting_for(base, LATER) == "pace"
    assert set(Message.objects.values_list("attempts", flat=True)) == {0}
    assert 0 < redis.ttl(f"hold:{dialer.provider_id}") <= 30
    wavy.behave = accept
    redis.flushdb()  # the hold has run out
    assert settle(base, LATER)["accepted"] == 5


def test_each_further_refusal_makes_the_pause_longer(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(429)
    base = started(dialer, hsm_lines(1))
    waits = []
    for turn in range(4):
        settle(base, NOW + timedelta(minutes=turn))
        waits.append(redis.ttl(f"hold:{dialer.provider_id}"))
        redis.delete(f"hold:{dialer.provider_id}")
    assert waits == sorted(set(waits))


def test_a_base_does_not_crawl_for_a_few_odd_requests_for_patience(wavy: Wavy, dialer: Dialer) -> None:
    """Every tenth message gets 429: the rest of the chunk leaves all the same, and the wait stays short."""
    numbers = count(1)
    wavy.behave = lambda body: trouble(429)(body) if next(numbers) % 10 == 0 else accept(body)
    base = started(dialer, hsm_lines(100, "hsm:notice:{n}"))
    counts = settle(base)
    assert (counts["accepted"], counts["queued"]) == (90, 10)
    assert 0 < redis.pttl(f"hold:{dialer.provider_id}") <= 1000
    wavy.behave = accept
    redis.flushdb()  # the hold has run out
    assert settle(base, LATER)["accepted"] == 100


def test_attempts_and_their_interval_are_kept(wavy: Wavy, dialer: Dialer) -> None:
    Dialer.objects.update(attempts=3, retry_after=60)
    wavy.behave = trouble(500)
    base = started(dialer, hsm_lines(1))
    seen = []
    for seconds in (0, 59, 60, 119, 120, 180, 600):
        counts = settle(base, NOW + timedelta(seconds=seconds))
        seen.append((seconds, len(wavy.arrivals), counts["queued"], counts["refused"]))
        if counts["queued"]:
            assert waiting_for(base, NOW + timedelta(seconds=seconds)) == "retry"
    assert seen == [
        (0, 1, 1, 0),
        (59, 1, 1, 0),
        (60, 2, 1, 0),
        (119, 2, 1, 0),
        (120, 3, 0, 1),
        (180, 3, 0, 1),
        (600, 3, 0, 1),
    ]
    assert Message.objects.get(batch=base.pk).error == "provider_trouble"
    assert state_of(base)[0] == "finished"


def test_what_waits_for_its_next_attempt_lets_the_others_pass(
    wavy: Wavy, dialer: Dialer, one_by_one: None
) -> None:
    Provider.objects.update(recipients_per_request=1)
    first = str(ADDRESS + 1)
    refuse = trouble(500)
    wavy.behave = lambda body: (refuse if body["destinations"][0]["destination"] == first else accept)(body)
    counts = settle(started(dialer, hsm_lines(4)))
    assert (counts["accepted"], counts["queued"]) == (3, 1)
    assert wavy.times_reached[first] == 1


def test_a_bad_recipient_sinks_no_other(wavy: Wavy, dialer: Dialer) -> None:
    bad = str(ADDRESS + 13)

    def without_the_bad_one(body: dict[str, Any]) -> Reply:
        if any(one["destination"] == bad for one in body["destinations"]):
            return 400, {"errorCode": 400, "errorMessage": "bad number"}
        return accept(body)

    wavy.behave = without_the_bad_one
    base = started(dialer, hsm_lines(20))
    counts = settle(base)
    assert (counts["accepted"], counts["refused"]) == (19, 1)
    assert Message.objects.get(state=State.REFUSED).address == bad


def test_an_answer_that_leaves_a_doubt_is_never_sent_again_by_itself(wavy: Wavy, dialer: Dialer) -> None:
    wavy.behave = trouble(502)
    base = started(dialer, hsm_lines(3))
    assert settle(base)["uncertain"] == 3
    assert state_of(base)[0] == "finished"
    wavy.behave = accept
    settle(base, LATER)
    assert look_round(LATER) == []
    assert set(wavy.times_reached.values()) == {1}
