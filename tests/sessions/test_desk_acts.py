"""The buttons of the desk: answer, template, take, close, assign."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, Direction, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from sessions import routing, services
from sessions.models import ChatSession, SessionState
from tests.factories import incoming, make_agent, make_campaign, make_supervisor, make_template

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(campaign: Campaign, contact: Contact) -> ChatSession:
    incoming(contact, at=timezone.now())
    routing.route(timezone.now())
    return ChatSession.objects.get()


def act(client: Client, name: str, session: ChatSession | None = None, **data: Any) -> Any:
    arguments = [session.pk] if session else []
    data.setdefault("submission", str(uuid4()))
    response = client.post(reverse(f"desk:{name}", args=arguments), data, headers=HTMX)
    if session:
        session.refresh_from_db()
    return response


def sent() -> list[str]:
    return list(Message.objects.filter(direction=Direction.OUT).order_by("id").values_list("text", flat=True))


def said(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_an_answer_takes_the_interaction_and_leaves(desk: Client, ana: User, session: ChatSession) -> None:
    response = act(desk, "send-text", session, text="Of course!")
    assert response.status_code == 200
    assert "Of course!" in said(response)
    assert sent() == ["Of course!"]
    assert (session.state, session.agent) == (SessionState.ACTIVE, ana)
    assert session.answered_at is not None


def test_an_answer_struck_twice_leaves_once(desk: Client, session: ChatSession) -> None:
    key = str(uuid4())
    assert [
        act(desk, "send-text", session, text="Of course!", submission=key).status_code for _ in range(3)
    ] == [
        200,
        200,
        200,
    ]
    assert sent() == ["Of course!"]


def test_the_same_words_may_be_said_again(desk: Client, session: ChatSession) -> None:
    act(desk, "send-text", session, text="Yes")
    act(desk, "send-text", session, text="Yes")
    assert sent() == ["Yes", "Yes"]


def test_a_page_without_a_key_sends_nothing(desk: Client, session: ChatSession) -> None:
    response = act(desk, "send-text", session, text="Yes", submission="")
    assert response.status_code == 400
    assert "Reload it" in said(response)
    assert sent() == []


def test_free_text_outside_the_window_is_refused_with_why_and_since_when(
    desk: Client, campaign: Campaign, session: ChatSession
) -> None:
    Campaign.objects.filter(id=campaign.pk).update(time_zone="America/Montevideo")
    last = timezone.now().replace(year=2026, month=3, day=3, hour=15, minute=4)
    Contact.objects.update(last_incoming_at=last)
    response = act(desk, "send-text", session, text="Are you there?")
    assert response.status_code == 409
    assert "The 24-hour session ended on March 4, 2026, 12:04 p.m." in said(response)
    assert response.headers["HX-Retarget"] == "#notice"
    assert sent() == []
    assert session.state == SessionState.WAITING


def test_a_template_leaves_outside_the_window(desk: Client, provider: Provider, session: ChatSession) -> None:
    template = make_template(provider, "reminder", "Hello {{1}}, until {{2}}")
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(days=3))
    response = act(desk, "send-template", session, template=template.pk, parameter=["María", "12:00 PM"])
    assert response.status_code == 200
    assert sent() == ["Hello María, until 12:00 PM"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        pytest.param(["María"], "takes 2 parameters, not 1", id="too few"),
        pytest.param(["María", " "], "Parameter 2 is empty", id="an empty one"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    desk: Client, provider: Provider, session: ChatSession, parameters: list[str], sentence: str
) -> None:
    template = make_template(provider, "reminder", "Hello {{1}}, until {{2}}")
    response = act(desk, "send-template", session, template=template.pk, parameter=parameters)
    assert response.status_code == 400
    assert sentence in said(response)
    assert sent() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("  ", "Write a text first.", id="empty"),
        pytest.param("x" * 5000, "has 5000 characters", id="too long"),
    ],
)
def test_a_text_that_cannot_leave_is_refused(
    desk: Client, session: ChatSession, text: str, sentence: str
) -> None:
    response = act(desk, "send-text", session, text=text)
    assert response.status_code == 400
    assert sentence in said(response)


def test_who_asked_for_no_more_messages_gets_none(desk: Client, session: ChatSession) -> None:
    DoNotCall.objects.create(number=session.contact.contact, source=Source.CUSTOMER)
    response = act(desk, "send-text", session, text="Hello")
    assert response.status_code == 409
    assert "do-not-call" in said(response)


def test_taking_is_shown_without_leaving_the_page(desk: Client, ana: User, session: ChatSession) -> None:
    response = act(desk, "take", session)
    assert response.status_code == 200
    assert "active" in said(response)
    assert "desk:changed" in response.headers["HX-Trigger"]
    assert session.agent == ana


def test_taking_what_a_colleague_holds_names_them(
    desk: Client, campaign: Campaign, session: ChatSession
) -> None:
    services.take(session, make_agent("bea", campaign, first_name="Bea"), timezone.now())
    response = act(desk, "take", session)
    assert response.status_code == 409
    assert "Bea has taken this interaction." in said(response)


def test_take_next_opens_the_oldest(desk: Client, ana: User, session: ChatSession) -> None:
    response = act(desk, "take-next")
    assert response.headers["HX-Redirect"] == f"/desk/{session.pk}/"
    session.refresh_from_db()
    assert (session.state, session.agent) == (SessionState.ACTIVE, ana)


def test_take_next_says_when_nothing_waits(desk: Client) -> None:
    response = act(desk, "take-next")
    assert response.status_code == 409
    assert "Nothing waits" in said(response)


def test_closing_leads_back_to_the_lists(desk: Client, session: ChatSession) -> None:
    act(desk, "take", session)
    response = act(desk, "close", session)
    assert response.headers["HX-Redirect"] == "/desk/"
    assert session.state == SessionState.CLOSED
    assert "The interaction with María José is closed." in said(desk.get("/desk/"))


def test_a_closed_interaction_takes_no_answer(desk: Client, session: ChatSession) -> None:
    act(desk, "take", session)
    act(desk, "close", session)
    response = act(desk, "send-text", session, text="One more thing")
    assert response.status_code == 409
    assert "This interaction is closed." in said(response)


def test_a_supervisor_assigns_a_campaign_and_an_agent_may_not(
    client: Client, provider: Provider, ana: User, contact: Contact
) -> None:
    campaign = make_campaign(provider, "Sales")
    incoming(contact, did="5511900000099", at=timezone.now())
    routing.route(timezone.now())
    session = ChatSession.objects.get()
    client.force_login(ana)
    assert act(client, "assign-campaign", session, campaign=campaign.pk).status_code == 404
    client.force_login(make_supervisor())
    assert "Choose a campaign" in said(act(client, "assign-campaign", session))
    assert act(client, "assign-campaign", session, campaign=campaign.pk).status_code == 200
    assert session.campaign == campaign


def test_only_posts_act(desk: Client, session: ChatSession) -> None:
    assert desk.get(reverse("desk:take", args=[session.pk])).status_code == 405
