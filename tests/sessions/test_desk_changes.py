"""What an open page fetches at a hint: only what it lacks, in order, and what was read at once is read."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, Message
from providers.states import State
from providers.streams import Ticket, channel, unseal
from sessions import routing, services
from sessions.models import ChatSession
from tests.factories import incoming, make_agent, make_campaign, make_supervisor, outgoing

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(contact: Contact, ana: User) -> ChatSession:
    """Ana answers María José."""
    incoming(contact, "Hello!", at=timezone.now())
    routing.route(timezone.now())
    return services.take(ChatSession.objects.get(), ana, timezone.now())


def shown(text: str) -> dict[str, str]:
    """What the page would send with its next look."""
    poller = text[text.index('id="updates"') :]
    names = ("after", "after_event", "v")
    return {name: poller.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in names}


def page(client: Client, session: ChatSession) -> str:
    return client.get(reverse("desk:session", args=[session.pk])).content.decode()


def look(client: Client, session: ChatSession, **query: Any) -> str:
    answer = client.get(reverse("desk:updates", args=[session.pk]), query, headers=HTMX)
    assert answer.status_code in (200, 204)
    return answer.content.decode()


def test_only_ticks_that_moved_are_told(desk: Client, session: ChatSession) -> None:
    moving, staying = (outgoing(session.contact, text, state=State.SENT) for text in ("See you", "at three"))
    known = shown(page(desk, session))
    Message.objects.filter(pk=moving.pk).update(state=State.READ)
    text = look(desk, session, **known)
    assert f'id="ticks-{moving.pk}" class="ticks green"' in text
    assert f'id="ticks-{staying.pk}"' not in text
    assert look(desk, session, **shown(text)) == ""


def test_another_reason_of_the_same_failure_is_told(desk: Client, session: ChatSession) -> None:
    message = outgoing(session.contact, "See you", state=State.FAILED, error="carrier_error")
    known = shown(page(desk, session))
    Message.objects.filter(pk=message.pk).update(error="window_closed")
    assert "Use a template" in look(desk, session, **known)


def test_a_message_that_is_committed_late_comes_to_its_place_once(desk: Client, session: ChatSession) -> None:
    before, late, after = (outgoing(session.contact, text) for text in ("one", "two", "three"))
    kept = Message.objects.get(pk=late.pk)
    late.delete()
    known = shown(page(desk, session))
    kept.save(force_insert=True)
    text = look(desk, session, **known)
    assert f'hx-swap-oob="afterend:#m{before.pk}"' in text
    assert [f'id="text-{one.pk}"' in text for one in (before, kept, after)] == [False, True, False]
    assert look(desk, session, **shown(text)) == ""


@pytest.mark.parametrize("version", ["", "~", "x~y", "~1-!", "~zzz-1_" * 300])
def test_a_version_that_is_none_of_ours_is_no_error(desk: Client, session: ChatSession, version: str) -> None:
    assert 'id="head"' in look(desk, session, after="0", v=version)


def unread(text: str, session: ChatSession) -> str:
    return text.split(f'id="line-{session.pk}"', 1)[1].split('data-unread="', 1)[1].split('"', 1)[0]


def test_what_comes_while_somebody_looks_is_read(desk: Client, session: ChatSession) -> None:
    known = shown(page(desk, session))
    last = incoming(session.contact, "Or at four?", at=timezone.now())
    routing.route(timezone.now())
    text = look(desk, session, list="", reading="1", **known)
    assert (unread(text, session), f'data-read="{last.pk}"' in text) == ("0", True)


def test_what_comes_while_nobody_looks_or_a_supervisor_does_is_not(
    client: Client, desk: Client, session: ChatSession
) -> None:
    known = shown(page(desk, session))
    incoming(session.contact, "Or at four?", at=timezone.now())
    routing.route(timezone.now())
    assert unread(look(desk, session, list="", **known), session) == "2"
    client.force_login(make_supervisor())
    look(client, session, reading="1", **known)
    session.refresh_from_db()
    assert session.read_up_to == 0


def test_a_look_costs_few_queries(
    desk: Client, session: ChatSession, django_assert_max_num_queries: Any
) -> None:
    for n in range(40):
        outgoing(session.contact, f"line {n}")
    known = shown(page(desk, session))
    incoming(session.contact, "Or at four?", at=timezone.now())
    routing.route(timezone.now())
    with django_assert_max_num_queries(17):
        look(desk, session, list="", reading="1", **known)


def heard(ticket: str) -> set[str]:
    return set(unseal(ticket, configured.SECRET_KEY).channels())


def test_a_ticket_hears_of_the_agent_the_queues_and_the_open_conversation(
    desk: Client, session: ChatSession, ana: User, campaign: Campaign
) -> None:
    make_campaign(campaign.provider, "Other")
    ticket = desk.get(reverse("desk:ticket"), {"session": session.pk}).json()["ticket"]
    names = {channel("user", ana.pk), channel("queue", campaign.pk), channel("contact", session.contact_id)}
    assert heard(ticket) == names
    assert ticket.split(":")[0] in page(desk, session)


def test_a_supervisors_ticket_hears_of_every_queue(client: Client, campaign: Campaign) -> None:
    supervisor = make_supervisor()
    client.force_login(supervisor)
    ticket = client.get(reverse("desk:ticket")).json()["ticket"]
    assert unseal(ticket, configured.SECRET_KEY) == Ticket(supervisor.pk, None, None)


def test_nobody_gets_a_ticket_for_another_campaigns_conversation(
    client: Client, session: ChatSession
) -> None:
    client.force_login(make_agent("stranger", make_campaign(session.contact.provider, "Other")))
    assert client.get(reverse("desk:ticket"), {"session": session.pk}).status_code == 404


@pytest.mark.parametrize(
    ("push_url", "stream", "origin"),
    [
        pytest.param("", "http://testserver:8001/push/", "http://testserver:8001", id="beside the pages"),
        pytest.param(
            "https://desk.example/push/", "https://desk.example/push/", "https://desk.example", id="named"
        ),
    ],
)
def test_the_page_may_reach_its_stream_and_nothing_else(
    desk: Client, session: ChatSession, settings: Settings, push_url: str, stream: str, origin: str
) -> None:
    settings.PUSH_URL, settings.PUSH_PORT = push_url, 8001
    answer = desk.get(reverse("desk:session", args=[session.pk]))
    assert f'data-stream="{stream}"' in answer.content.decode()
    assert f"connect-src 'self' {origin};" in answer.headers["Content-Security-Policy"] + ";"
    board = desk.get("/login/").headers["Content-Security-Policy"]
    assert origin not in board
