"""The contact's page: who they are, in which spellings; telling two people apart, and merging them again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from providers.contacts import contact_for
from providers.models import Contact, NumberApart, Provider
from tests.factories import make_operator, make_provider, make_supervisor
from tests.pages import signed_in, words
from tests.providers.scenes import message_item, messages

LANDLINE, MOBILE = "541123456789", "5491123456789"
pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor(first_name="Sara", last_name="Lima"))


@pytest.fixture
def provider() -> Provider:
    """At which a mobile wrote an hour ago, and a landline the day before yesterday."""
    provider = make_provider()
    for number, hours in ((LANDLINE, 50), (MOBILE, 1)):
        at = timezone.now() - timedelta(hours=hours)
        messages(provider, message_item(number, at=at, userProfile={"name": "Ana"}), at=at)
    return provider


def page_of(number: str) -> str:
    return reverse("admin:providers_contact_change", args=[Contact.objects.get(contact=number).pk])


def apart_page(number: str) -> str:
    return reverse("contact-apart", args=[Contact.objects.get(contact=number).pk])


@pytest.mark.usefixtures("provider")
def test_a_contact_shows_its_spellings_and_its_window(supervisor: Client) -> None:
    text = words(supervisor.get(page_of(LANDLINE)))
    assert "+54 9 11 2345-6789 1 message; they last wrote from it" in text
    assert "+54 11 2345-6789 1 message; they last wrote from it" in text
    assert "24-hour session open until" in text


@pytest.mark.usefixtures("provider")
def test_two_people_are_told_apart_from_its_page_and_merged_again(supervisor: Client) -> None:
    assert "These are two people…" in words(supervisor.get(page_of(LANDLINE)))
    asked = words(supervisor.get(apart_page(LANDLINE)))
    assert "Tell apart: 1 message goes to +54 9 11 2345-6789" in asked

    told = words(supervisor.post(apart_page(LANDLINE), {"reason": "A shop and its owner."}, follow=True))
    assert "They are two people now; 1 message went to +54 9 11 2345-6789." in told
    assert "Sara Lima told +54 9 11 2345-6789 apart" in told
    assert "A shop and its owner." in words(supervisor.get(page_of(MOBILE)))

    assert "Merge again: 1 message comes back" in words(supervisor.get(apart_page(MOBILE)))
    merged = words(supervisor.post(apart_page(MOBILE), {"reason": "It was the owner."}, follow=True))
    assert "They are one contact again; 1 message came back." in merged
    assert "Sara Lima merged +54 9 11 2345-6789 again" in merged


@pytest.mark.usefixtures("provider")
def test_without_a_reason_nothing_happens(supervisor: Client) -> None:
    supervisor.post(apart_page(LANDLINE), {"reason": " "})
    assert not NumberApart.objects.exists()


def test_a_number_with_one_spelling_offers_nothing(supervisor: Client) -> None:
    contact_for(make_provider(), "59899123456")
    assert "These are two people" not in words(supervisor.get(page_of("59899123456")))
    assert "has but one spelling" in words(supervisor.get(apart_page("59899123456")))


@pytest.mark.usefixtures("provider")
def test_it_is_for_supervisors(client: Client) -> None:
    operator = signed_in(make_operator())
    assert operator.post(apart_page(LANDLINE), {"reason": "Two"}).status_code == 403
    assert "These are two people" not in words(operator.get(page_of(LANDLINE)))
    assert not NumberApart.objects.exists()


def test_a_contact_of_many_messages_costs_as_many_queries_as_one_of_few(
    supervisor: Client, provider: Provider, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    messages(provider, *[message_item(MOBILE, str(n)) for n in range(200)])
    with django_assert_max_num_queries(22):
        supervisor.get(page_of(LANDLINE))
