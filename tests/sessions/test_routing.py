"""Each incoming message finds its one interaction."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import DID, Calendar, Campaign
from providers.models import Contact, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from sessions import routing, services
from sessions.models import ChatSession, SessionState, Turn
from tests.factories import (
    NOW,
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_session,
    outgoing,
)

pytestmark = pytest.mark.django_db
CLOSED_NOW = "sat;09:00-10:00"


def routed(message: Message) -> ChatSession:
    routing.route(NOW)
    return Turn.objects.select_related("session").get(message=message).session


class World:
    """The rows that a routing case may lean on."""

    def __init__(self, provider: Provider, contact: Contact) -> None:
        self.contact = contact
        self.by_dialer = make_campaign(provider, "By dialer")
        self.other = make_campaign(provider, "Other")
        self.by_did = make_campaign(provider, "By DID", dids=(provider.number,))
        self.base = make_base(make_dialer(provider, self.by_dialer))
        self.base_without_campaign = make_base(make_dialer(provider, name="Plain"))


def answer_to_a_base(world: World) -> dict[str, Any]:
    return {"answers": outgoing(world.contact, base=world.base)}


def answer_to_a_base_without_campaign(world: World) -> dict[str, Any]:
    return {"answers": outgoing(world.contact, base=world.base_without_campaign)}


def answer_to_an_agent(world: World) -> dict[str, Any]:
    message = outgoing(world.contact)
    closed = make_session(world.contact, world.other, state=SessionState.CLOSED)
    Turn.objects.create(session=closed, message=message)
    return {"answers": message}


def answer_to_a_disabled_campaign(world: World) -> dict[str, Any]:
    Campaign.objects.filter(id=world.by_dialer.pk).update(enabled=False)
    return answer_to_a_base(world)


def answer_to_a_message_of_the_api(world: World) -> dict[str, Any]:
    return {"answers": outgoing(world.contact)}


def to_a_number_without_campaign(world: World) -> dict[str, Any]:
    return {"did": "5511900000077"}


def to_our_number_in_its_other_spelling(world: World) -> dict[str, Any]:
    DID.objects.create(campaign=world.other, provider=world.contact.provider, number="5511987654300")
    return {"did": "551187654300"}


def to_a_disabled_campaign(world: World) -> dict[str, Any]:
    Campaign.objects.filter(id=world.by_did.pk).update(enabled=False)
    return {}


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        pytest.param(answer_to_a_base, "By dialer", id="an answer to a base goes to the dialer's campaign"),
        pytest.param(
            answer_to_a_base_without_campaign, "By DID", id="a dialer without campaign leaves it to the DID"
        ),
        pytest.param(
            answer_to_an_agent, "Other", id="an answer to an agent goes to that interaction's campaign"
        ),
        pytest.param(
            answer_to_a_disabled_campaign, "By DID", id="a dialer's disabled campaign counts as none"
        ),
        pytest.param(answer_to_a_message_of_the_api, "By DID", id="an answer to neither goes by the DID"),
        pytest.param(lambda world: {}, "By DID", id="a message out of the blue goes by the DID"),
        pytest.param(to_our_number_in_its_other_spelling, "Other", id="the DID is known in either spelling"),
        pytest.param(to_a_number_without_campaign, None, id="a number without campaign is unrouted"),
        pytest.param(to_a_disabled_campaign, None, id="a DID of a disabled campaign is unrouted"),
    ],
)
def test_a_first_message_opens_an_interaction_where_it_belongs(
    provider: Provider, contact: Contact, case: Callable[[World], dict[str, Any]], wanted: str | None
) -> None:
    session = routed(incoming(contact, **case(World(provider, contact))))
    assert (session.campaign.name if session.campaign else None) == wanted
    assert (session.state, session.agent) == (SessionState.WAITING, None)


def test_an_open_interaction_takes_every_message_of_its_contact(
    provider: Provider, campaign: Campaign, contact: Contact
) -> None:
    elsewhere = make_campaign(provider, "Elsewhere")
    open_one = make_session(contact, elsewhere, make_agent("ana", elsewhere), state=SessionState.ACTIVE)
    assert routed(incoming(contact)) == open_one


def test_a_message_after_closing_opens_a_new_interaction(campaign: Campaign, contact: Contact) -> None:
    first = routed(incoming(contact))
    agent = make_agent("ana", campaign)
    services.close(services.take(first, agent, NOW), agent, NOW)
    second = routed(incoming(contact, "And one more thing"))
    assert second != first
    assert second.state == SessionState.WAITING


def test_messages_of_one_contact_in_one_batch_share_one_interaction(
    campaign: Campaign, contact: Contact
) -> None:
    messages = [incoming(contact, f"line {n}") for n in range(3)]
    assert routing.route(NOW) == 3
    assert ChatSession.objects.count() == 1
    assert list(Turn.objects.order_by("id").values_list("message_id", flat=True)) == [
        one.pk for one in messages
    ]


def test_two_spellings_of_one_person_share_one_interaction(provider: Provider, campaign: Campaign) -> None:
    person = make_contact(provider, "5511987654321")
    incoming(person, address="5511987654321")
    incoming(person, address="551187654321")
    routing.route(NOW)
    assert ChatSession.objects.get().turns.count() == 2


def test_routing_again_changes_nothing(campaign: Campaign, contact: Contact) -> None:
    incoming(contact)
    assert (routing.route(NOW), routing.route(NOW)) == (1, 0)
    assert Turn.objects.count() == 1


def test_the_wait_counts_from_when_the_message_came_in(campaign: Campaign, contact: Contact) -> None:
    session = routed(incoming(contact, at=NOW - timedelta(minutes=5)))
    assert session.opened_at == NOW - timedelta(minutes=5)


def test_each_message_moves_the_last_activity_and_none_the_place_in_the_queue(
    campaign: Campaign, contact: Contact
) -> None:
    session = routed(incoming(contact, at=NOW - timedelta(minutes=9)))
    incoming(contact, "Hello?")
    routing.route(NOW + timedelta(minutes=1))
    session.refresh_from_db()
    assert session.active_at == NOW + timedelta(minutes=1)
    assert session.queued_at == NOW - timedelta(minutes=9)


def held_by_an_agent(campaign: Campaign, contact: Contact) -> set[str]:
    ana = make_agent("ana", campaign)
    make_session(contact, campaign, ana, state=SessionState.ACTIVE)
    return {f"live:user:{ana.pk}", f"live:contact:{contact.pk}"}


def waiting_already(campaign: Campaign, contact: Contact) -> set[str]:
    make_session(contact, campaign)
    return {f"live:queue:{campaign.pk}", f"live:contact:{contact.pk}"}


def a_first_one(campaign: Campaign, contact: Contact) -> set[str]:
    return {f"live:queue:{campaign.pk}", f"live:contact:{contact.pk}"}


def unrouted(campaign: Campaign, contact: Contact) -> set[str]:
    DID.objects.all().delete()
    return {"live:queue:0", f"live:contact:{contact.pk}"}


@pytest.mark.parametrize("case", [held_by_an_agent, waiting_already, a_first_one, unrouted])
def test_a_message_tells_who_has_to_do_with_it(
    campaign: Campaign,
    contact: Contact,
    case: Callable[[Campaign, Contact], set[str]],
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    wanted = case(campaign, contact)
    incoming(contact)
    with django_capture_on_commit_callbacks(execute=True):
        routing.route(NOW)
    assert heard() >= wanted


def out_of_time_texts() -> list[str]:
    return list(Message.objects.filter(kind="text", author=None).values_list("text", flat=True))


def test_outside_the_schedule_the_text_goes_out_once(provider: Provider, contact: Contact) -> None:
    make_campaign(provider, dids=(provider.number,), schedule=CLOSED_NOW, out_of_time="We are back at nine.")
    incoming(contact)
    incoming(contact, "Anybody there?")
    routing.route(NOW)
    assert out_of_time_texts() == ["We are back at nine."]
    session = ChatSession.objects.get()
    assert [turn.message.text for turn in session.turns.order_by("message_id")] == [
        "Hello!",
        "Anybody there?",
        "We are back at nine.",
    ]
    assert (session.state, session.answered_at) == (SessionState.WAITING, None)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"out_of_time": "We are back at nine."}, id="inside the schedule"),
        pytest.param({"schedule": CLOSED_NOW}, id="a campaign without a text"),
        pytest.param(
            {"schedule": "broken", "out_of_time": "Back at nine."}, id="a schedule that cannot be read"
        ),
    ],
)
def test_no_out_of_time_text(provider: Provider, contact: Contact, fields: dict[str, str]) -> None:
    make_campaign(provider, dids=(provider.number,), **fields)
    assert routed(incoming(contact)).campaign is not None
    assert out_of_time_texts() == []


def test_a_closed_day_of_the_campaigns_calendar_is_out_of_time(provider: Provider, contact: Contact) -> None:
    calendar = Calendar.objects.create(name="Office")
    calendar.days.create(date=NOW.date(), name="Foundation day")
    make_campaign(provider, dids=(provider.number,), calendar=calendar, out_of_time="We are back at nine.")
    incoming(contact)
    routing.route(NOW)

    assert out_of_time_texts() == ["We are back at nine."]


def test_a_refused_out_of_time_text_does_not_stop_routing(provider: Provider, contact: Contact) -> None:
    make_campaign(provider, dids=(provider.number,), schedule=CLOSED_NOW, out_of_time="We are back at nine.")
    DoNotCall.objects.create(number=contact.contact, source=Source.CUSTOMER)
    session = routed(incoming(contact))
    assert session.state == SessionState.WAITING
    assert out_of_time_texts() == []


# Opting out


def test_an_opt_out_opens_no_interaction_and_waits_for_nobody(provider: Provider, contact: Contact) -> None:
    make_campaign(provider, dids=(provider.number,), schedule=CLOSED_NOW, out_of_time="We are back at nine.")
    message = incoming(contact, "STOP", opt_out=True)

    assert routing.route(NOW) == 1
    assert routing.route(NOW) == 0
    assert not ChatSession.objects.exists()
    assert Message.objects.get(pk=message.pk).taken_up
    assert out_of_time_texts() == []


def test_an_opt_out_without_an_interaction_is_told_to_who_looks_at_the_customer(
    contact: Contact, heard: Callable[[], set[str]], django_capture_on_commit_callbacks: Any
) -> None:
    incoming(contact, "STOP", opt_out=True)
    with django_capture_on_commit_callbacks(execute=True):
        routing.route(NOW)
    assert heard() == {f"live:contact:{contact.pk}"}


@pytest.mark.parametrize("state", [SessionState.WAITING, SessionState.ACTIVE])
def test_an_opt_out_is_shown_in_the_interaction_that_is_open(
    provider: Provider, contact: Contact, state: SessionState
) -> None:
    session = make_session(contact, make_campaign(provider), state=state)
    message = incoming(contact, "STOP", opt_out=True)

    routing.route(NOW)

    assert Turn.objects.get(message=message).session == session


def test_who_opted_out_and_writes_again_is_answered_by_an_agent(provider: Provider, contact: Contact) -> None:
    campaign = make_campaign(provider, dids=(provider.number,))
    incoming(contact, "STOP", opt_out=True)
    incoming(contact, "I did not mean it")

    routing.route(NOW)

    assert ChatSession.objects.get().campaign == campaign
    assert Turn.objects.count() == 1
