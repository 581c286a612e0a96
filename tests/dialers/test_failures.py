"""Failure limit: a base of which too much fails is paused, whatever tells of it, and judged anew after a start."""

from datetime import timedelta
from typing import Any

import pytest

from dialers import bases, failures
from dialers.admin.why import why_of
from dialers.dispatch import look_round
from dialers.models import Base, BaseState, Dialer
from providers import ledger
from providers.models import Contact, Message, Provider
from providers.states import State
from tests.dialers.files import state_of
from tests.factories import NOW, make_base, make_contact

LONG_AGO = NOW - timedelta(minutes=5)
GOOD = {"state": State.DELIVERED, "attempts": 1}
FAILED = {"state": State.FAILED, "attempts": 1}
EXPIRED = {"state": State.EXPIRED, "attempts": 1}
TURNED_AWAY = {"state": State.REFUSED, "attempts": 1}
HELD_BACK = {"state": State.REFUSED, "attempts": 0}
LOST = {
    "state": State.UNCERTAIN,
    "attempts": 1,
    "uncertain_at": NOW,
    "lease_until": NOW + timedelta(minutes=1),
}
LEFT_BY_THE_DEAD = {**LOST, "uncertain_at": NOW + timedelta(minutes=2)}
JUST_TAKEN = {"state": State.ACCEPTED, "attempts": 1, "accepted_at": NOW}
TAKEN = {**JUST_TAKEN, "accepted_at": LONG_AGO}


@pytest.fixture
def base(dialer: Dialer) -> Base:
    Dialer.objects.update(failure_limit=40)
    return Base.objects.select_related("dialer__provider").get(pk=make_base(dialer).pk)


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider)


def wrote(base: Base, contact: Contact, n: int, fields: dict[str, Any]) -> None:
    """`n` more messages of the base that came to this."""
    draft = ledger.Draft(contact, "text", {"text": "Hi"}, "Hi", batch=base.pk)
    made = ledger.queue(contact.provider, [draft] * n, NOW)
    Message.objects.filter(pk__in=[message.pk for message in made]).update(**fields)


@pytest.mark.parametrize(
    ("before", "paused"),
    [
        pytest.param([(60, GOOD), (40, FAILED)], False, id="at the limit"),
        pytest.param([(59, GOOD), (41, FAILED)], True, id="above the limit"),
        pytest.param([(50, GOOD), (25, EXPIRED), (25, FAILED)], True, id="expired ones count"),
        pytest.param([(50, GOOD), (50, TURNED_AWAY)], True, id="turned away by the wire"),
        pytest.param([(100, HELD_BACK), (60, GOOD)], False, id="held back by our own gate"),
        pytest.param([(50, GOOD), (50, LOST)], True, id="without an answer"),
        pytest.param([(50, GOOD), (80, LEFT_BY_THE_DEAD)], False, id="left behind by a worker that died"),
        pytest.param([(49, FAILED)], False, id="too few to say"),
        pytest.param([(30, FAILED), (30, JUST_TAKEN)], False, id="too few receipts to say"),
        pytest.param([(60, FAILED), (5000, JUST_TAKEN)], True, id="receipts come long after the answers"),
        pytest.param([(60, FAILED), (100, TAKEN)], False, id="no receipt in a minute is a good sign"),
        pytest.param([(20, TURNED_AWAY), (80, JUST_TAKEN)], False, id="few turned away, no receipts yet"),
        pytest.param(
            [(60, GOOD), (25, FAILED), (25, TURNED_AWAY)], True, id="some turned away and some not delivered"
        ),
        pytest.param([(300, FAILED), (200, GOOD)], False, id="only the latest count"),
    ],
)
def test_a_share_above_the_dialers_limit_pauses_the_base(
    base: Base, contact: Contact, before: list[tuple[int, dict[str, Any]]], paused: bool
) -> None:
    for n, fields in before:
        wrote(base, contact, n, fields)

    assert failures.pause_if_failing(base, NOW) is paused
    assert state_of(base) == (("paused", "failure_rate") if paused else ("running", ""))


def test_without_a_limit_nothing_is_judged(base: Base, contact: Contact) -> None:
    base.dialer.failure_limit = 0
    wrote(base, contact, 200, FAILED)

    assert not failures.pause_if_failing(base, NOW)


def test_the_tick_pauses_it_and_the_page_says_the_figures(base: Base, contact: Contact) -> None:
    wrote(base, contact, 50, GOOD)
    wrote(base, contact, 100, FAILED)

    assert look_round(NOW) == []
    assert "67 % of the latest messages failed, and the dialer's limit is 40 %" in why_of(
        Base.objects.get(pk=base.pk), NOW
    )


def test_after_a_start_only_what_left_since_counts(base: Base, contact: Contact) -> None:
    wrote(base, contact, 100, FAILED)
    look_round(NOW)

    bases.start(base, None, NOW)
    wrote(base, contact, 60, GOOD)
    assert look_round(NOW) == [base.pk]

    wrote(base, contact, 60, FAILED)
    look_round(NOW)
    assert state_of(base)[0] == BaseState.PAUSED


@pytest.mark.parametrize(
    ("together", "lost", "paused"),
    [
        pytest.param(1, 99, False, id="a short run"),
        pytest.param(1, 100, True, id="a hundred requests"),
        pytest.param(100, 200, False, id="two requests of a hundred people"),
        pytest.param(100, 300, True, id="three requests of a hundred people"),
    ],
)
def test_a_provider_that_answers_nothing_pauses_the_base_whatever_the_limit(
    base: Base, contact: Contact, together: int, lost: int, paused: bool
) -> None:
    Dialer.objects.update(failure_limit=0)
    Provider.objects.update(recipients_per_request=together)
    wrote(base, contact, 200, GOOD)
    wrote(base, contact, lost, LOST)
    wrote(base, contact, 20, {"state": State.SUBMITTING, "attempts": 1})

    look_round(NOW)
    assert state_of(base) == (("paused", "no_answers") if paused else ("running", ""))


def test_what_a_dead_worker_left_behind_pauses_nothing(base: Base, contact: Contact) -> None:
    wrote(base, contact, 1000, LEFT_BY_THE_DEAD)

    assert look_round(NOW) == [base.pk]
