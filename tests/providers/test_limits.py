"""The provider's daily limit: new people in 24 hours, exact across processes, whatever happened before it was set."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import DjangoAssertNumQueries

from providers import limits
from providers.models import Contact, Provider, Reach
from tests.factories import NOW, make_base, make_contact, make_dialer, outgoing
from tests.providers.scenes import later, number

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(provider: Provider) -> Provider:
    """Three people in 24 hours."""
    provider.daily_limit = 3
    provider.save()
    return provider


def people(provider: Provider, n: int, first: int = 0) -> list[int | None]:
    return [make_contact(provider, number(place)).pk for place in range(first, first + n)]


def test_without_a_limit_everybody_fits(provider: Provider) -> None:
    assert limits.admit(provider, people(provider, 5), NOW) == 5
    assert limits.people_left(provider, NOW) is None


def test_new_people_fit_up_to_the_limit_and_the_rest_waits(limited: Provider) -> None:
    everybody = people(limited, 5)

    assert limits.admit(limited, everybody, NOW) == 3
    assert limits.admit(limited, everybody[3:], later(hours=1)) == 0


def test_who_was_written_to_within_24_hours_uses_nothing_up(limited: Provider) -> None:
    everybody = people(limited, 4)
    limits.admit(limited, everybody[:2], NOW)

    again = [*everybody[:2], *everybody[:2], everybody[2], everybody[3]]
    assert limits.admit(limited, again, later(hours=5)) == 5


def test_one_person_twice_in_a_claim_counts_once(limited: Provider) -> None:
    first, second, third, fourth = people(limited, 4)

    assert limits.admit(limited, [first, first, second, first, third, fourth], NOW) == 5


def test_what_is_held_back_anyway_uses_nothing_up(limited: Provider) -> None:
    first, second, third, fourth = people(limited, 4)

    assert limits.admit(limited, [first, None, second, None, third, None, fourth], NOW) == 6


@pytest.mark.parametrize(
    ("after", "fits"),
    [
        pytest.param(timedelta(hours=23, minutes=59, seconds=59), 0, id="a second before the day is over"),
        pytest.param(timedelta(hours=24, seconds=1), 3, id="once its second is over"),
    ],
)
def test_there_is_room_again_after_24_hours(limited: Provider, after: timedelta, fits: int) -> None:
    limits.admit(limited, people(limited, 3), NOW)

    assert limits.admit(limited, people(limited, 3, first=3), NOW + after) == fits


def test_whoever_is_written_to_again_counts_for_another_24_hours(limited: Provider) -> None:
    (first,) = people(limited, 1)
    limits.admit(limited, [first], NOW)
    limits.admit(limited, [first], later(hours=20))

    now_counting = Provider.objects.get()
    assert limits.people_left(now_counting, later(hours=30)) == 2
    assert limits.people_left(now_counting, later(hours=45)) == 3


def test_people_of_a_provider_are_counted_apart(limited: Provider, other_provider: Provider) -> None:
    other_provider.daily_limit = 1
    other_provider.save()
    limits.admit(limited, people(limited, 3), NOW)

    assert limits.admit(other_provider, people(other_provider, 1), NOW) == 1


def test_a_new_limit_knows_who_was_written_to_before_it(limited: Provider) -> None:
    base = make_base(make_dialer(limited))
    for place, hours in enumerate((-1, -23, -25)):
        outgoing(make_contact(limited, number(place)), at=later(hours=hours), base=base)
    outgoing(make_contact(limited, number(8)), at=later(hours=-1))  # an agent's

    assert limits.people_left(limited, NOW) == 1
    assert limits.admit(limited, people(limited, 2, first=20), NOW) == 1


def test_a_limit_that_was_taken_off_for_a_while_counts_what_left_meanwhile(limited: Provider) -> None:
    limits.admit(limited, people(limited, 1), NOW)
    Provider.objects.update(daily_limit=0)
    limits.admit(Provider.objects.get(), people(limited, 2, first=1), NOW)
    base = make_base(make_dialer(limited))
    for contact in Contact.objects.filter(contact__in=[number(1), number(2)]):
        outgoing(contact, at=NOW, base=base)
    Provider.objects.update(daily_limit=3)

    assert limits.admit(Provider.objects.get(), people(limited, 1, first=9), later(minutes=1)) == 0


def test_it_says_when_there_is_room_again(limited: Provider) -> None:
    limits.admit(limited, people(limited, 1), later(seconds=20))
    limits.admit(limited, people(limited, 2, first=1), later(hours=2))

    assert limits.next_room(limited, later(hours=3)) == later(hours=24, seconds=21)


def test_seconds_that_count_no_more_are_forgotten(limited: Provider) -> None:
    limits.admit(limited, people(limited, 1), NOW)
    limits.admit(limited, people(limited, 1, first=1), later(hours=20))

    assert limits.forget(later(hours=30)) == 1
    assert Reach.objects.get().second == later(hours=20)


def test_it_asks_as_often_for_many_people_as_for_few(
    limited: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Provider.objects.update(daily_limit=1000)
    everybody = people(limited, 60)
    limits.admit(limited, everybody[:1], NOW)

    with django_assert_max_num_queries(6):
        assert limits.admit(limited, everybody, NOW) == 60


@pytest.mark.django_db(transaction=True)
def test_claims_at_the_same_moment_never_exceed_it(limited: Provider) -> None:
    Provider.objects.update(daily_limit=25)
    provider, crowd = Provider.objects.get(), people(limited, 80)
    together = threading.Barrier(4)

    def claim(part: list[int | None]) -> int:
        try:
            together.wait(10)
            with transaction.atomic():
                return sum(limits.admit(provider, part[start : start + 3], NOW) for start in range(0, 20, 3))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        admitted = sum(pool.map(claim, [crowd[0:20], crowd[20:40], crowd[40:60], crowd[60:80]]))

    assert admitted == 25
    assert limits.people_left(Provider.objects.get(), NOW) == 0
