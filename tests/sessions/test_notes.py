"""Notes of colleagues: kept once, read by colleagues, never on the wire. And the canned replies of a conversation."""

from typing import Any
from uuid import uuid4

import pytest
import responses
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from campaigns.models import Campaign, CannedReply
from providers.models import Contact, Direction, Message
from providers.replies import send_replies
from sessions.models import ChatSession, Event, EventKind, SessionState
from tests.factories import incoming, make_agent, make_campaign, make_session, make_supervisor
from tests.pages import signed_in, words
from tests.providers.scenes import SEND_URL, accepted

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    incoming(contact, at=timezone.now())
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


def note(client: Client, session: ChatSession, text: str = "She calls back at 5", **data: Any) -> Any:
    data.setdefault("submission", str(uuid4()))
    return client.post(reverse("desk:note", args=[session.pk]), {"text": text, **data}, headers=HTMX)


def noted() -> list[tuple[str, str]]:
    found = Event.objects.filter(kind=EventKind.NOTE).order_by("id")
    return list(found.values_list("user__username", "text"))


def test_a_note_stands_in_the_conversation_and_says_who_sees_it(ana: User, session: ChatSession) -> None:
    response = note(signed_in(ana), session)
    assert "Note · only we see this She calls back at 5" in words(response)
    assert noted() == [("ana", "She calls back at 5")]


def test_a_note_never_leaves_for_the_customer(settings: Any, ana: User, session: ChatSession) -> None:
    settings.WAVY_API_URL = "http://wavy.invalid"
    desk = signed_in(ana)
    note(desk, session)
    address = reverse("desk:send-text", args=[session.pk])
    desk.post(address, {"text": "See you then", "submission": str(uuid4())}, headers=HTMX)
    with responses.RequestsMock() as wavy:
        wavy.add_callback("POST", SEND_URL, accepted)
        send_replies(timezone.now)
        bodies = [str(call.request.body) for call in wavy.calls]
    assert len(bodies) == 1
    assert "She calls back" not in bodies[0]
    assert list(Message.objects.filter(direction=Direction.OUT).values_list("text", flat=True)) == [
        "See you then"
    ]


def test_a_note_struck_twice_is_kept_once(ana: User, session: ChatSession) -> None:
    desk, key = signed_in(ana), str(uuid4())
    assert [note(desk, session, submission=key).status_code for _ in range(3)] == [200, 200, 200]
    assert len(noted()) == 1


def test_a_note_counts_as_no_answer_and_takes_nothing(
    campaign: Campaign, contact: Contact, ana: User
) -> None:
    waiting = make_session(contact, campaign)
    note(signed_in(ana), waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.agent, waiting.answered_at) == (SessionState.WAITING, None, None)


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        pytest.param(" \n", 400, "Write a note first.", id="blank"),
        pytest.param("x" * 4001, 400, "The note has 4001 characters", id="too long"),
    ],
)
def test_a_note_that_cannot_be_kept_says_why(
    ana: User, session: ChatSession, text: str, status: int, sentence: str
) -> None:
    response = note(signed_in(ana), session, text)
    assert (response.status_code, sentence in words(response)) == (status, True)
    assert noted() == []


def test_a_supervisors_note_beside_what_an_agent_holds_is_a_whisper(session: ChatSession) -> None:
    assert note(signed_in(make_supervisor()), session).status_code == 200
    assert list(Event.objects.values_list("kind", "text")) == [(EventKind.WHISPER, "She calls back at 5")]


@pytest.mark.parametrize("is_member", [True, False], ids=["a member, held by a colleague", "no member"])
def test_who_may_not_read_the_conversation_leaves_none(
    campaign: Campaign, session: ChatSession, is_member: bool
) -> None:
    other = make_agent("bea", *([campaign] if is_member else []))
    assert note(signed_in(other), session).status_code == 404
    assert noted() == []


# Canned replies


def replies(user: User, session: ChatSession) -> list[list[str]]:
    found: list[list[str]] = signed_in(user).get(reverse("desk:replies", args=[session.pk])).json()["replies"]
    return found


def test_replies_of_the_campaign_and_of_everybody_are_offered_filled_in(
    campaign: Campaign, ana: User, session: ChatSession
) -> None:
    CannedReply.objects.create(campaign=campaign, shortcut="hi", text="Hello {name}, I am {agent}.")
    CannedReply.objects.create(campaign=None, shortcut="hi", text="Hello")
    CannedReply.objects.create(campaign=None, shortcut="bye", text="Good bye, {name} {other}")
    CannedReply.objects.create(
        campaign=make_campaign(campaign.provider, "Sales"), shortcut="buy", text="Buy!"
    )
    assert replies(ana, session) == [
        ["bye", "Good bye, María José {other}"],
        ["hi", "Hello María José, I am Ana."],
    ]


def test_a_thousand_replies_take_as_many_queries_as_one(
    campaign: Campaign, ana: User, session: ChatSession, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    CannedReply.objects.bulk_create(
        CannedReply(campaign=campaign, shortcut=f"r{n}", text=f"Reply {n}") for n in range(1000)
    )
    desk, address = signed_in(ana), reverse("desk:replies", args=[session.pk])
    with django_assert_max_num_queries(6):
        assert len(desk.get(address).json()["replies"]) == 1000


def test_replies_are_for_who_may_read_the_conversation(campaign: Campaign, session: ChatSession) -> None:
    desk = signed_in(make_agent("bea", campaign))
    assert desk.get(reverse("desk:replies", args=[session.pk])).status_code == 404
