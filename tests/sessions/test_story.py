"""One number's story: everything that left for and came from it, by whom, in order, and for whom it is to see."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from providers import do_not_call
from providers.models import Contact, Message, NumberApart, Provider
from providers.models.do_not_call import Source
from providers.models.message import TEST_OF
from providers.states import State
from sessions.models import SessionState
from tests.factories import (
    NOW,
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    outgoing,
)
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
NUMBER = "5511987654321"
STORY = f"/admin/story/{NUMBER}/"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider() -> Provider:
    return make_provider()


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider, NUMBER, name="María José")


@pytest.fixture
def supervisor() -> Client:
    return signed_in(make_supervisor())


def read(client: Client, address: str = STORY) -> str:
    return words(client.get(address))


@pytest.mark.usefixtures("contact")
@pytest.mark.parametrize(
    "text", ["654321", "+55 (11) 8765-4321", "5511 98765-4321", "011 98765 4321"], ids=lambda text: text
)
def test_the_search_leads_straight_to_the_only_one(supervisor: Client, text: str) -> None:
    assert supervisor.get("/admin/story/", {"number": text}).headers["Location"] == STORY


def test_of_several_one_is_chosen(supervisor: Client, contact: Contact) -> None:
    make_contact(contact.provider, "59899654321")

    page = supervisor.get("/admin/story/", {"number": "654321"})

    assert STORY in page.content.decode()
    assert "+55 11 98765-4321 María José Wavy" in words(page)


def test_too_few_digits_and_nobody_are_said(supervisor: Client) -> None:
    assert "at least 4 digits" in read(supervisor, "/admin/story/?number=12")
    assert "Nobody with such a number" in read(supervisor, "/admin/story/?number=123456")


def test_the_box_is_in_the_header_of_every_admin_page(supervisor: Client) -> None:
    assert "Any part of a number" in supervisor.get("/admin/providers/provider/").content.decode()


def test_a_message_of_a_base_says_base_dialer_starter_state_and_times(
    supervisor: Client, contact: Contact
) -> None:
    base = make_base(make_dialer(contact.provider), started_by=make_operator("olga", first_name="Olga"))
    outgoing(contact, "Hello Ana", base=base, state=State.DELIVERED, sent_at=NOW, delivered_at=NOW + MINUTE)

    text = read(supervisor)

    assert "Hello Ana monday.csv · WavyDialer · started by Olga" in text
    assert "✓✓ delivered" in text
    assert "03/04/2026 3:01 p.m." in text


def test_a_failed_one_says_why(supervisor: Client, contact: Contact) -> None:
    outgoing(contact, state=State.FAILED, failed_at=NOW, error="invalid_number")

    assert "The number does not exist or has no WhatsApp." in read(supervisor)


def test_a_test_send_says_whose_line_it_tried(supervisor: Client, contact: Contact) -> None:
    base = make_base(make_dialer(contact.provider))
    content = {"text": "x", TEST_OF: {"base": base.pk, "line": 1}}
    outgoing(contact, content=content, author=make_operator("olga", first_name="Olga"))

    text = read(supervisor)

    assert "test send" in text
    assert "monday.csv · WavyDialer sent by Olga" in text


def test_all_providers_stand_in_one_time_line_newest_first(supervisor: Client, contact: Contact) -> None:
    other = make_contact(make_provider("Other", "5511900000002"), "551187654321")
    outgoing(contact, "first", NOW)
    incoming(other, "second", NOW + MINUTE)
    outgoing(contact, "third", NOW + 2 * MINUTE)

    text = read(supervisor)

    assert text.index("third") < text.index("second") < text.index("first")
    assert "They wrote · Other" in text


def test_an_interaction_says_campaign_agent_and_end(supervisor: Client, contact: Contact) -> None:
    campaign = make_campaign(contact.provider, "Appointments")
    agent = make_agent("ana", campaign, first_name="Ana")
    make_session(contact, campaign, agent, state=SessionState.CLOSED, closed_at=NOW + MINUTE, closed_by=agent)

    assert "Interaction · Wavy · Appointments · closed agent Ana" in read(supervisor)


def test_do_not_call_is_told_with_its_entry_and_its_removal(supervisor: Client, contact: Contact) -> None:
    user = make_operator("olga", first_name="Olga")
    entry = do_not_call.add(NUMBER, None, Source.CUSTOMER, "asked on the phone", user)
    assert "In the do-not-call registry" in read(supervisor)

    do_not_call.remove(entry, user, "changed their mind", timezone.now())

    text = read(supervisor)
    assert "In the do-not-call registry:" not in text
    assert "may be called again asked by the customer · all providers" in text
    assert "changed their mind · removed by Olga" in text


def test_a_number_that_is_in_the_registry_alone_has_a_story(supervisor: Client) -> None:
    do_not_call.add(NUMBER, None, Source.EXTERNAL, "national list", None)

    assert "Never written to, and never wrote." in read(supervisor)


def test_who_was_told_apart_has_a_story_of_their_own(supervisor: Client, contact: Contact) -> None:
    apart = Contact.objects.create(provider=contact.provider, contact="551187654321", address="551187654321")
    NumberApart.objects.create(
        provider=contact.provider, number="551187654321", told_at=NOW, reason="two people"
    )
    outgoing(contact, "for the one")
    outgoing(apart, "for the other")

    one, other = read(supervisor), read(supervisor, "/admin/story/551187654321/")

    assert "for the one" in one
    assert "for the other" not in one
    assert "told apart Wavy" in one
    assert "for the other" in other


def test_an_operator_reads_messages_and_no_interactions(contact: Contact) -> None:
    make_session(contact, make_campaign(contact.provider, "Appointments"))
    outgoing(contact, "Hello Ana", base=make_base(make_dialer(contact.provider)))

    text = read(signed_in(make_operator()))

    assert "Hello Ana" in text
    assert "Appointments" not in text


def test_an_agent_reads_nothing(contact: Contact) -> None:
    for agent in (make_agent("ana"), make_agent("bob", is_staff=True)):
        client = signed_in(agent)
        assert client.get(STORY).status_code in (302, 403)
        assert client.get("/admin/story/", {"number": "654321"}).status_code in (302, 403)


def test_what_belongs_to_a_campaign_of_others_is_left_out(contact: Contact) -> None:
    campaign = make_campaign(contact.provider, "Secret")
    campaign.groups.add(Group.objects.create(name="Others"))
    outgoing(contact, "kept from me", base=make_base(make_dialer(contact.provider, campaign)))
    make_session(contact, campaign)
    outgoing(contact, "for everybody")

    text = read(signed_in(make_supervisor("other")))

    assert "for everybody" in text
    assert "kept from me" not in text
    assert "Secret" not in text


def test_who_was_erased_has_none(supervisor: Client, contact: Contact) -> None:
    Contact.objects.update(contact="erased-1")

    assert supervisor.get(STORY).status_code == 404


@pytest.fixture
def long(contact: Contact) -> list[Message]:
    """A hundred and twenty messages, with an interaction between each ten."""
    made = []
    campaign = make_campaign(contact.provider, "Appointments")
    for n in range(120):
        made.append(outgoing(contact, f"message {n:03}", NOW + n * MINUTE))
        if n % 10 == 5:
            make_session(
                contact, campaign, state=SessionState.CLOSED, opened_at=NOW + n * MINUTE + MINUTE / 2
            )
    return made


def pages(client: Client) -> list[Any]:
    """Each page of the story, from the newest."""
    address, seen = STORY, []
    while True:
        told = client.get(address).context["story"]
        seen.append(told.entries)
        if told.older is None:
            return seen
        address = f"{STORY}?before={told.older}"


def test_every_page_goes_on_where_the_last_one_ended(supervisor: Client, long: list[Message]) -> None:
    entries = [entry for page in pages(supervisor) for entry in page]

    texts = [entry.of.text for entry in entries if entry.kind == "message"]
    assert texts == [f"message {n:03}" for n in reversed(range(120))]
    assert len({entry.of.pk for entry in entries if entry.kind == "interaction"}) == 12
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)


def test_a_long_story_asks_no_more_often_than_a_short_one(
    supervisor: Client, contact: Contact, django_assert_max_num_queries: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            supervisor.get(STORY)
        return len(captured)

    dialer = make_dialer(contact.provider)
    outgoing(contact, base=make_base(dialer))
    make_session(contact, make_campaign(contact.provider), state=SessionState.CLOSED)
    queries()
    short = queries()
    for n in range(60):
        outgoing(contact, base=make_base(dialer, f"base{n}.csv"), at=NOW + n * MINUTE)

    assert queries() == short
