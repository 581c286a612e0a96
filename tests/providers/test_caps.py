"""Messages per person and day, from all dialers and providers together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from dialers.models import Base
from providers import caps, gate, ledger
from providers.models import Contact, Message, Provider, SendingRules
from providers.states import State
from tests.factories import CUSTOMER, NOW, make_base, make_contact, make_dialer, make_template, outgoing
from tests.providers.scenes import later, number

pytestmark = pytest.mark.django_db
HSM = {"code": "reminder", "language": "en", "parameters": ["Ana"]}


def cap(n: int, time_zone: str = "UTC") -> None:
    SendingRules.objects.create(pk=1, messages_per_day=n, time_zone=time_zone)


@pytest.fixture
def base(provider: Provider) -> Base:
    return make_base(make_dialer(provider))


@pytest.fixture
def ana(provider: Provider) -> Contact:
    return make_contact(provider)


def too_many(*numbers: str, at: datetime = NOW) -> list[int]:
    """The places of those messages that would be one too many."""
    return sorted(caps.beyond(list(enumerate(numbers)), at))


def test_without_a_cap_nobody_has_had_too_many(base: Base, ana: Contact) -> None:
    outgoing(ana, base=base)

    assert too_many(CUSTOMER, CUSTOMER) == []


def test_what_exceeds_the_cap_is_one_too_many(base: Base, ana: Contact) -> None:
    cap(2)
    outgoing(ana, base=base)

    assert too_many(CUSTOMER, number(1), CUSTOMER) == [2]


def test_other_dialers_and_providers_count_too(base: Base, ana: Contact, other_provider: Provider) -> None:
    cap(1)
    outgoing(make_contact(other_provider), base=make_base(make_dialer(other_provider, name="Other")))

    assert too_many(CUSTOMER) == [0]


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        pytest.param({"state": State.READ}, True, id="a read one"),
        pytest.param({"state": State.QUEUED}, True, id="one that is about to leave"),
        pytest.param({"state": State.UNCERTAIN}, True, id="one that may have left"),
        pytest.param({"state": State.REFUSED, "attempts": 0}, False, id="one that was held back"),
        pytest.param({"state": State.REFUSED, "attempts": 1}, False, id="one that was turned away"),
    ],
)
def test_what_may_have_reached_them_counts(
    base: Base, ana: Contact, fields: dict[str, Any], counts: bool
) -> None:
    cap(1)
    outgoing(ana, base=base, **fields)

    assert bool(too_many(CUSTOMER)) is counts


def test_agents_replies_and_test_sends_never_count(base: Base, ana: Contact) -> None:
    cap(1)
    outgoing(ana)

    assert too_many(CUSTOMER) == []


@pytest.mark.parametrize(
    ("zone", "sent", "asked", "counts"),
    [
        pytest.param("UTC", "2026-03-03T23:59Z", "2026-03-04T00:00Z", False, id="yesterday's"),
        pytest.param("UTC", "2026-03-04T00:00Z", "2026-03-04T23:59Z", True, id="since midnight"),
        pytest.param(
            "America/Montevideo", "2026-03-04T02:59Z", "2026-03-04T03:00Z", False, id="midnight there"
        ),
        pytest.param(
            "America/Montevideo", "2026-03-03T23:00Z", "2026-03-04T02:59Z", True, id="the same evening there"
        ),
    ],
)
def test_a_day_begins_at_midnight_of_the_rules_zone(
    base: Base, ana: Contact, zone: str, sent: str, asked: str, counts: bool
) -> None:
    cap(1, zone)
    outgoing(ana, base=base, at=datetime.fromisoformat(sent))

    assert bool(too_many(CUSTOMER, at=datetime.fromisoformat(asked))) is counts


def test_what_was_made_yesterday_and_left_today_counts_today(base: Base, ana: Contact) -> None:
    cap(1)
    outgoing(ana, base=base, at=later(days=-1), submitting_at=NOW, state=State.ACCEPTED)

    assert too_many(CUSTOMER) == [0]


def test_the_gate_says_it_in_words(base: Base, ana: Contact, provider: Provider) -> None:
    make_template(provider)
    cap(1)
    outgoing(ana, base=base)
    candidate = gate.Candidate("it", ana, ana.address, "hsm", HSM)

    said = gate.check(provider, [candidate], NOW, capped=frozenset(["it"]))["it"]
    assert said.code == "contact_cap"
    assert "as many messages today as allowed" in said.sentence
    assert gate.check(provider, [candidate], NOW) == {}


def test_what_is_held_back_for_another_reason_uses_nothing_up(
    base: Base, ana: Contact, provider: Provider
) -> None:
    make_template(provider)
    cap(1)
    wrong = gate.Candidate("wrong", ana, ana.address, "hsm", {**HSM, "code": "unknown"})
    right = gate.Candidate("right", ana, ana.address, "hsm", HSM)

    refused = gate.check(provider, [wrong, right], NOW, capped=frozenset(["wrong", "right"]))
    assert {key: why.code for key, why in refused.items()} == {"wrong": "template_unknown"}


def test_it_asks_as_often_for_many_people_as_for_few(
    base: Base, ana: Contact, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    cap(1)

    with django_assert_max_num_queries(5):  # two of them a savepoint
        too_many(*map(number, range(50)))


@pytest.mark.django_db(transaction=True)
def test_two_bases_that_write_to_the_same_people_at_once_keep_to_it(
    provider: Provider, other_provider: Provider
) -> None:
    cap(1)
    both = [make_base(make_dialer(one, name=f"Dialer{one.pk}")) for one in (provider, other_provider)]
    numbers = [number(n) for n in range(20)]
    together = threading.Barrier(2)

    def write(base: Base) -> None:
        try:
            together.wait(10)
            for start in range(0, 20, 5):
                with transaction.atomic():
                    mine = numbers[start : start + 5]
                    skipped = caps.beyond([(one, one) for one in mine], NOW)
                    owner = base.dialer.provider
                    ledger.queue(
                        owner,
                        [
                            ledger.Draft(make_contact(owner, one), "hsm", HSM, "", batch=base.pk)
                            for one in mine
                            if one not in skipped
                        ],
                        NOW,
                    )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, both))

    assert sorted(Message.objects.values_list("contact__contact", flat=True)) == sorted(numbers)
