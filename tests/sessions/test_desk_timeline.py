"""What happened stands among the messages, in the order of time, and says what only colleagues see."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.models import Contact
from sessions import events
from sessions.models import ChatSession, EventKind, SessionState
from tests.factories import incoming, make_agent, make_session, outgoing

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
SENTENCES = [
    pytest.param(EventKind.TRANSFERRED, True, "Ana transferred it to Bea", id="to a colleague"),
    pytest.param(EventKind.RETURNED, False, "It came back: Bea did not answer", id="back to its sender"),
    pytest.param(EventKind.TAKEN_OVER, True, "Ana took it over from Bea", id="taken over"),
    pytest.param(EventKind.GIVEN_BACK, False, "From Bea back to the queue", id="back to the queue"),
    pytest.param(EventKind.ASSIGNED, True, "Ana assigned it to Bea", id="assigned"),
    pytest.param(EventKind.CLOSED, False, "Closed by itself", id="closed for want of messages"),
]


@pytest.fixture
def bea(campaign: Campaign) -> User:
    return make_agent("bea", campaign, first_name="Bea")


@pytest.fixture
def session(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE)


def page(desk: Client, session: ChatSession, name: str = "session", **query: Any) -> str:
    response = desk.get(reverse(f"desk:{name}", args=[session.pk]), query, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def known(text: str) -> dict[str, str]:
    poller = text[text.index('id="updates"') :]
    names = ("after", "after_event", "v")
    return {name: poller.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in names}


def in_order(text: str, *words: str) -> bool:
    places = [text.index(word) for word in words]
    return places == sorted(places)


def test_a_note_stands_where_it_was_written_and_says_who_sees_it(
    desk: Client, session: ChatSession, ana: User
) -> None:
    now = timezone.now()
    incoming(session.contact, "Is it ready?", now - timedelta(minutes=3))
    events.add(session, EventKind.NOTE, now - timedelta(minutes=2), ana, text="Ask <Bea> first")
    outgoing(session.contact, "It will be tomorrow", now - timedelta(minutes=1))
    text = page(desk, session)
    text = text[text.index('id="bubbles"') :]
    assert in_order(text, "Is it ready?", "only we see this", "Ask &lt;Bea&gt; first", "It will be tomorrow")


@pytest.mark.parametrize(("kind", "by_somebody", "sentence"), SENTENCES)
def test_what_was_done_is_said_in_a_line(
    desk: Client,
    session: ChatSession,
    ana: User,
    bea: User,
    kind: EventKind,
    by_somebody: bool,
    sentence: str,
) -> None:
    events.add(session, kind, timezone.now(), ana if by_somebody else None, whom=bea)
    assert sentence in page(desk, session)


def test_a_move_names_the_campaign_and_a_closing_its_disposition(
    desk: Client, session: ChatSession, campaign: Campaign, ana: User
) -> None:
    sold = Disposition.objects.create(campaign=campaign, name="Sold")
    session.disposition = Disposition.objects.create(campaign=campaign, name="At once", parent=sold)
    session.save()
    events.add(session, EventKind.MOVED, timezone.now(), ana, campaign=campaign, text="They ask for prices")
    events.add(session, EventKind.CLOSED, timezone.now(), ana)
    text = page(desk, session)
    assert "Ana moved it to the campaign WhatsApp" in text
    assert "They ask for prices" in text
    assert "Ana closed the interaction · Sold › At once" in text


def test_what_happens_comes_to_the_open_page_once(desk: Client, session: ChatSession, ana: User) -> None:
    before = known(page(desk, session))
    events.add(session, EventKind.NOTE, timezone.now(), ana, text="Call them back")
    text = page(desk, session, "updates", **before)
    assert "Call them back" in text
    address = reverse("desk:updates", args=[session.pk])
    assert desk.get(address, known(text), headers=HTMX).status_code == 204


def test_earlier_messages_come_with_what_happened_among_them(
    desk: Client, session: ChatSession, ana: User
) -> None:
    start = timezone.now() - timedelta(hours=9)
    for n in range(70):
        outgoing(session.contact, f"line {n:03}", start + timedelta(minutes=n))
    events.add(session, EventKind.NOTE, start + timedelta(minutes=5, seconds=1), ana, text="an early note")
    events.add(session, EventKind.NOTE, start + timedelta(minutes=60, seconds=1), ana, text="a late note")
    text = page(desk, session)
    assert "a late note" in text
    assert "an early note" not in text
    older = page(desk, session, "older", before=text.split("?before=", 1)[1].split('"', 1)[0])
    assert in_order(older, "line 005", "an early note", "line 006")
    assert "a late note" not in older


def test_one_may_go_back_to_a_certain_message_at_once(desk: Client, session: ChatSession) -> None:
    first, *_rest = [outgoing(session.contact, f"line {n:03}") for n in range(140)]
    text = page(desk, session)
    before = text.split("?before=", 1)[1].split('"', 1)[0]
    older = page(desk, session, "older", before=before, since=first.pk)
    assert older.count('class="bubble ') == 90
    assert "?before=" not in older


def test_earlier_interactions_tell_how_they_ended_and_where_they_stand(
    desk: Client, campaign: Campaign, ana: User, session: ChatSession
) -> None:
    sold = Disposition.objects.create(campaign=campaign, name="Sold")
    ended = Disposition.objects.create(campaign=campaign, name="At once", parent=sold)
    past = make_session(
        session.contact, campaign, ana, state=SessionState.CLOSED, disposition=ended, comment="Pays <cash>"
    )
    first = outgoing(session.contact, "Hello again")
    past.turns.create(message=first)
    text = page(desk, session)
    side = text[text.index('class="earlier"') :]
    assert "Sold › At once" in side
    assert "Pays &lt;cash&gt;" in side
    assert f'data-back="{first.pk}"' in side
