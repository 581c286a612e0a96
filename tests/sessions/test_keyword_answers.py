"""Messages that equal a word of the campaign need no agent."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.models import Contact, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from sessions import routing
from sessions.models import ChatSession, Ending, SessionState, Turn
from tests.factories import NOW, incoming, make_agent, make_campaign, make_session

pytestmark = pytest.mark.django_db
THANKS = "Thank you, your appointment is confirmed."


@pytest.fixture
def confirmed(campaign: Campaign) -> Disposition:
    return Disposition.objects.create(campaign=campaign, name="Confirmed")


@pytest.fixture(autouse=True)
def answers(campaign: Campaign, confirmed: Disposition) -> None:
    campaign.keyword_answers.create(words="no, no puedo", text="We will call you.")
    campaign.keyword_answers.create(words="si, 1, ok gracias", text=THANKS, disposition=confirmed)
    campaign.keyword_answers.create(words="silencio", text="")


def routed(contact: Contact, text: str, **fields: Any) -> ChatSession:
    message = incoming(contact, text, **fields)
    routing.route(NOW)
    return Turn.objects.select_related("session").get(message=message).session


def said() -> list[str]:
    return list(Message.objects.filter(direction=1).order_by("id").values_list("text", flat=True))


@pytest.mark.parametrize("text", ["si", "SI", "Sí", " sí! ", "1", "1.", "¡Sí!", "OK   gracias"])
def test_a_word_in_any_case_and_accent_is_answered_filed_and_closed(
    contact: Contact, confirmed: Disposition, text: str
) -> None:
    session = routed(contact, text)
    assert (session.state, session.ending, session.disposition) == (
        SessionState.CLOSED,
        Ending.KEYWORD,
        confirmed,
    )
    assert [turn.message.text for turn in session.turns.order_by("id")] == [text, THANKS]


@pytest.mark.parametrize("text", ["si, pero mañana", "sii", "11", "👍", ""])
def test_anything_else_waits_for_an_agent(contact: Contact, text: str) -> None:
    assert routed(contact, text).state == SessionState.WAITING
    assert said() == []


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("button", SessionState.CLOSED),
        ("list_reply", SessionState.CLOSED),
        ("image", SessionState.WAITING),
        ("document", SessionState.WAITING),
    ],
)
def test_a_button_is_a_word_and_a_caption_is_not(contact: Contact, kind: str, state: str) -> None:
    assert routed(contact, "Si", kind=kind).state == state


def test_it_counts_as_neither_answered_nor_abandoned(contact: Contact) -> None:
    session = routed(contact, "si")
    assert (session.agent, session.answered_at, session.served_in, session.waited, session.in_time) == (
        None,
    ) * 5


def test_without_a_text_it_is_closed_without_a_word(contact: Contact) -> None:
    assert routed(contact, "silencio").state == SessionState.CLOSED
    assert said() == []


def test_outside_the_hours_the_keyword_is_answered_alone(campaign: Campaign, contact: Contact) -> None:
    Campaign.objects.update(schedule="sat;09:00-10:00", out_of_time="We are back at nine.")
    routed(contact, "si")
    assert said() == [THANKS]


@pytest.mark.parametrize("state", [SessionState.WAITING, SessionState.ACTIVE])
def test_what_an_agent_has_is_the_agents_to_answer(campaign: Campaign, contact: Contact, state: str) -> None:
    held = make_session(contact, campaign, make_agent("ana", campaign), state=state)
    assert routed(contact, "si") == held
    held.refresh_from_db()
    assert (held.state, said()) == (state, [])


def test_what_was_written_before_still_waits_for_an_agent(contact: Contact) -> None:
    first = routed(contact, "My bill is wrong")
    session = routed(contact, "si")
    assert (session, session.state, said()) == (first, SessionState.WAITING, [THANKS])


def test_the_next_message_opens_an_interaction_that_waits(contact: Contact) -> None:
    closed = routed(contact, "si")
    session = routed(contact, "And where do I park?")
    assert session != closed
    assert session.state == SessionState.WAITING


def test_a_stop_word_goes_its_own_way(campaign: Campaign, contact: Contact) -> None:
    campaign.keyword_answers.create(words="stop", text="Do not go!")
    incoming(contact, "STOP", opt_out=True)
    routing.route(NOW)
    assert (ChatSession.objects.count(), said()) == (0, [])


def test_where_the_answer_may_not_leave_an_agent_gets_it(contact: Contact) -> None:
    DoNotCall.objects.create(number=contact.contact, source=Source.CUSTOMER)
    assert routed(contact, "si").state == SessionState.WAITING


def test_another_campaigns_words_are_none_of_this_one(provider: Provider, contact: Contact) -> None:
    other = make_campaign(provider, "Other", dids=("5511900000002",))
    other.keyword_answers.create(words="hola", text="Hello!")
    assert routed(contact, "hola").state == SessionState.WAITING


def test_a_full_queue_does_not_touch_it(campaign: Campaign, contact: Contact) -> None:
    Campaign.objects.update(max_queued=1, queue_text="All our agents are busy.")
    make_session(Contact.objects.create(provider=contact.provider, contact="1", address="1"), campaign)
    routed(contact, "si")
    assert said() == [THANKS]


def test_agents_are_not_disturbed_and_who_reads_the_conversation_sees_it(
    campaign: Campaign,
    contact: Contact,
    heard: Callable[[], set[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    ana: User = make_agent("ana", campaign)
    with django_capture_on_commit_callbacks(execute=True):
        routed(contact, "si")
    told = heard()
    assert told.isdisjoint({f"live:user:{ana.pk}", f"live:queue:{campaign.pk}"})
    assert f"live:contact:{contact.pk}" in told
