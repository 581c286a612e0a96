"""What the desk shows, to whom, and in how many queries."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign, Member
from dialers.models import Base, Row, RowState
from providers.models import Contact, Direction, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from providers.states import State
from sessions import closing, routing, services
from sessions.models import ChatSession, Presence, SessionState
from tests.factories import (
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_session,
    make_supervisor,
    make_template,
    outgoing,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana", last_name="Silva")


@pytest.fixture
def session(campaign: Campaign, contact: Contact) -> ChatSession:
    """María José has answered a base just now and waits."""
    base = make_base(make_dialer(contact.provider, campaign), "turnos_lunes.csv")
    sent = outgoing(contact, "Hello María José, we remind you of 12:00 PM", base=base, state=State.READ)
    incoming(contact, "Hello! May I come at three?", at=timezone.now(), answers=sent)
    routing.route(timezone.now())
    return ChatSession.objects.get()


def page(client: Client, session: ChatSession, name: str = "session", **query: Any) -> str:
    response = client.get(reverse(f"desk:{name}", args=[session.pk]), query, headers=HTMX)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_who_waits_is_on_the_first_page(desk: Client, session: ChatSession) -> None:
    text = desk.get("/desk/").content.decode()
    assert "María José" in text
    assert "May I come at three?" in text


def test_the_dialers_message_stands_above_the_answer(desk: Client, session: ChatSession) -> None:
    text = page(desk, session)
    talk = text[text.index('id="bubbles"') :]
    assert talk.index("we remind you of 12:00 PM") < talk.index("May I come at three?")
    assert "template</span>" in talk
    assert "turnos_lunes.csv" in text
    assert "+598 99 123 456" in text


def test_the_other_columns_of_the_base_stand_beside_the_conversation(
    desk: Client, session: ChatSession
) -> None:
    answered = Message.objects.get(direction=Direction.OUT)
    Row.objects.create(
        base=Base.objects.get(),
        line=2,
        contact="59899123456",
        address="59899123456",
        kind="text",
        content={"text": "x"},
        state=RowState.TAKEN,
        message=answered,
        extra={"Saldo": "1.250 <b>"},
    )
    text = page(desk, session)
    assert "<dt>Saldo</dt><dd>1.250 &lt;b&gt;</dd>" in text


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        pytest.param(State.QUEUED, "", ["queued"], id="queued"),
        pytest.param(State.ACCEPTED, "", ["✓", "taken by Wavy"], id="taken"),
        pytest.param(State.SENT, "", ["✓", "sent"], id="sent"),
        pytest.param(State.DELIVERED, "", ["✓✓", "teal", "delivered"], id="delivered"),
        pytest.param(State.READ, "", ["✓✓", "green", "read"], id="read"),
        pytest.param(
            State.FAILED, "invalid_number", ["red", "not delivered", "has no WhatsApp"], id="failed"
        ),
        pytest.param(
            State.FAILED,
            "window_closed",
            ["24-hour session of this customer is closed", "Use a template"],
            id="closed window",
        ),
        pytest.param(
            State.REFUSED,
            "do_not_call",
            ["amber", "held back by us", "on the do-not-call list"],
            id="held back by our own gate",
        ),
        pytest.param(State.REFUSED, "bad_request", ["red", "turned away by Wavy"], id="turned away"),
        pytest.param(State.FAILED, "carrier_error", ["Write it again"], id="may be sent again"),
        pytest.param(
            State.UNCERTAIN, "no_answer", ["amber", "unconfirmed", "may have left"], id="unconfirmed"
        ),
    ],
)
def test_ticks_say_how_far_it_came_and_why_not_further(
    desk: Client, session: ChatSession, state: State, error: str, words: list[str]
) -> None:
    message = outgoing(session.contact, "See you!", state=state, error=error)
    text = page(desk, session)
    tick = text[text.index(f'id="ticks-{message.pk}"') :]
    tick = tick[: tick.index("</li>")]
    assert [word for word in words if word not in tick] == []


def test_an_operator_reads_why_the_desk_is_not_theirs(client: Client, db: None) -> None:
    client.force_login(make_operator())
    response = client.get("/desk/")
    assert response.status_code == 403
    assert "The desk is for agents" in response.content.decode()
    assert 'href="/"' in response.content.decode()


def test_signed_out_leads_to_the_login_page(client: Client, db: None) -> None:
    assert client.get("/desk/").headers["Location"] == "/login/?next=/desk/"
    poll = client.get("/desk/changes/?list=", headers={**HTMX, "HX-Current-URL": "http://testserver/desk/7/"})
    assert poll.headers["HX-Redirect"] == "/login/?next=/desk/7/"


@pytest.mark.parametrize("name", ["session", "updates", "older", "template-form"])
def test_another_campaigns_interaction_is_not_there(client: Client, session: ChatSession, name: str) -> None:
    stranger = make_agent("stranger", make_campaign(session.contact.provider, "Other"))
    client.force_login(stranger)
    assert client.get(reverse(f"desk:{name}", args=[session.pk])).status_code == 404
    assert "María José" not in client.get("/desk/").content.decode()


@pytest.mark.parametrize("name", ["take", "close", "assign-campaign", "send-text", "send-template"])
def test_another_campaigns_interaction_cannot_be_touched(
    client: Client, session: ChatSession, name: str
) -> None:
    client.force_login(make_agent("stranger", make_campaign(session.contact.provider, "Other")))
    assert client.post(reverse(f"desk:{name}", args=[session.pk]), {"text": "hi"}).status_code == 404
    session.refresh_from_db()
    assert (session.state, session.agent) == (SessionState.WAITING, None)


def test_what_a_colleague_took_leaves_the_page_with_a_sentence(
    desk: Client, campaign: Campaign, session: ChatSession
) -> None:
    services.take(session, make_agent("bea", campaign, first_name="Bea"), timezone.now())
    response = desk.get(reverse("desk:updates", args=[session.pk]), headers=HTMX)
    assert response.headers["HX-Redirect"] == "/desk/"
    text = desk.get("/desk/").content.decode()
    assert "Bea has taken this interaction." in text
    assert "María José" not in text


def test_what_moved_to_a_strange_campaign_leaves_the_page_with_a_sentence(
    desk: Client, campaign: Campaign, session: ChatSession
) -> None:
    elsewhere = make_campaign(session.contact.provider, "Other")
    ChatSession.objects.filter(pk=session.pk).update(campaign=elsewhere)
    response = desk.get(reverse("desk:updates", args=[session.pk]), headers=HTMX)
    assert response.headers["HX-Redirect"] == "/desk/"
    text = desk.get("/desk/").content.decode()
    assert "You can no longer see the interaction that was open here." in text


def test_whom_an_interaction_is_closed_with_is_written_to_again_from_it(
    desk: Client, campaign: Campaign, session: ChatSession, ana: User
) -> None:
    Member.objects.create(campaign=make_campaign(session.contact.provider, "Another"), agent=ana)
    closing.close(services.take(session, ana, timezone.now()), ana, timezone.now())
    page = desk.get(reverse("desk:session", args=[session.pk])).content.decode()
    address = unescape(page.split('id="write-again" hx-get="', 1)[1].split('"', 1)[0])
    form = desk.get(address, headers=HTMX).content.decode()
    assert f'value="{session.contact.contact}"' in form
    assert f'<option value="{campaign.pk}" selected>' in form


def test_being_at_the_desk_makes_present(desk: Client, ana: User) -> None:
    desk.get("/desk/")
    first = Presence.objects.get(agent=ana).seen_at
    desk.get("/desk/changes/?beat=1", headers=HTMX)
    assert Presence.objects.get(agent=ana).seen_at > first


def state_of(text: str) -> dict[str, str]:
    """What the page would send with its next poll."""
    poller = text[text.index('id="updates"') :]
    return {name: poller.split(f'name="{name}" value="', 1)[1].split('"', 1)[0] for name in ("after", "v")}


def test_a_poll_without_news_is_empty(desk: Client, session: ChatSession) -> None:
    known = state_of(page(desk, session))
    assert desk.get(reverse("desk:updates", args=[session.pk]), known, headers=HTMX).status_code == 204


def test_whoever_opts_out_closes_the_composer_of_the_open_page(desk: Client, session: ChatSession) -> None:
    known = state_of(page(desk, session))
    DoNotCall.objects.create(number=session.contact.contact, provider=session.contact.provider)
    assert 'data-mode="opted_out"' in page(desk, session, "updates", **known)
    assert 'id="composer" data-mode="opted_out"' in page(desk, session)


def test_a_number_of_an_external_registry_may_still_be_answered(desk: Client, session: ChatSession) -> None:
    number, provider = session.contact.contact, session.contact.provider
    DoNotCall.objects.create(number=number, provider=provider, source=Source.EXTERNAL)
    assert 'id="composer" data-mode="text"' in page(desk, session)


def test_a_poll_brings_only_what_is_new(desk: Client, session: ChatSession) -> None:
    known = state_of(page(desk, session))
    incoming(session.contact, "Or at four?", at=timezone.now())
    text = page(desk, session, "updates", **known)
    assert "Or at four?" in text
    assert "May I come at three?" not in text
    assert "<textarea" not in text
    again = desk.get(reverse("desk:updates", args=[session.pk]), state_of(text), headers=HTMX)
    assert again.status_code == 204


def test_a_poll_moves_the_ticks(desk: Client, session: ChatSession) -> None:
    message = outgoing(session.contact, "See you!", state=State.SENT)
    known = state_of(page(desk, session))
    Message.objects.filter(id=message.pk).update(state=State.READ)
    text = page(desk, session, "updates", **known)
    assert f'id="ticks-{message.pk}" class="ticks green"' in text
    assert "See you!" not in text


def test_the_list_refreshes_only_when_it_changed(desk: Client, session: ChatSession) -> None:
    text = desk.get("/desk/").content.decode()
    version = text.split('name="list" value="', 1)[1].split('"', 1)[0]
    assert desk.get("/desk/changes/", {"list": version}, headers=HTMX).status_code == 204
    incoming(session.contact, "Or at four?", at=timezone.now())
    assert "Or at four?" in desk.get("/desk/changes/", {"list": version}, headers=HTMX).content.decode()


def test_fifty_messages_are_loaded_and_older_ones_on_request(desk: Client, session: ChatSession) -> None:
    for n in range(70):
        outgoing(session.contact, f"line {n:03}")
    text = page(desk, session)
    assert text.count('class="bubble ') == 50
    assert "line 020" in text
    assert "line 019" not in text
    before = text.split("?before=", 1)[1].split('"', 1)[0]
    older = page(desk, session, "older", before=before)
    assert older.count('class="bubble ') == 22
    assert "line 019" in older
    assert "?before=" not in older


def test_a_page_costs_the_same_for_few_and_for_many(
    desk: Client,
    provider: Provider,
    campaign: Campaign,
    session: ChatSession,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(40):
        other = make_contact(provider, f"59899000{n:03}", last_incoming_at=timezone.now())
        incoming(other)
        make_session(other, campaign, opened_at=timezone.now())
        outgoing(session.contact, f"line {n}")
    with django_assert_max_num_queries(26):
        page(desk, session)
    with django_assert_max_num_queries(14):
        desk.get("/desk/changes/?list=", headers=HTMX)
    with django_assert_max_num_queries(10):
        page(desk, session, "updates")


def test_times_stand_in_the_campaigns_zone(desk: Client, campaign: Campaign, session: ChatSession) -> None:
    Campaign.objects.filter(id=campaign.pk).update(time_zone="America/Montevideo")
    assert "America/Montevideo" in page(desk, session)


def test_outside_the_window_the_page_offers_templates(
    desk: Client, provider: Provider, session: ChatSession
) -> None:
    make_template(provider, "reminder", "Hello {{1}}, until {{2}}")
    make_template(provider, "waiting", "Not yet", state="in_analysis")
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(hours=25))
    text = page(desk, session)
    assert 'id="composer" data-mode="template"' in text
    assert "reminder (en)" in text
    assert "waiting (en)" not in text
    chosen = text.split('<option value="', 1)[1].split('"', 1)[0]
    fields = page(desk, session, "template-form", template=chosen)
    assert fields.count('name="parameter"') == 2
    assert "Hello {{1}}, until {{2}}" in fields


def test_a_supervisor_finds_the_unrouted_and_an_agent_does_not(
    client: Client, provider: Provider, ana: User
) -> None:
    stray = make_contact(provider, "59899777777", name="Stray", last_incoming_at=timezone.now())
    incoming(stray, did="5511900000099", at=timezone.now())
    routing.route(timezone.now())
    client.force_login(ana)
    assert "Stray" not in client.get("/desk/").content.decode()
    client.force_login(make_supervisor())
    assert "Stray" in client.get("/desk/").content.decode()


def test_what_a_customer_writes_is_shown_as_written(desk: Client, session: ChatSession) -> None:
    incoming(session.contact, "<script>alert(1)</script>", at=timezone.now())
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page(desk, session)


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        pytest.param("waiting", "text", id="a waiting one is answered with text"),
        pytest.param("colleague", "held", id="a colleague's is only read"),
        pytest.param("unrouted", "unrouted", id="an unrouted one needs a campaign first"),
        pytest.param("closed", "closed", id="a closed one is over"),
    ],
)
def test_the_composer_offers_what_may_be_written(
    client: Client, ana: User, session: ChatSession, how: str, wanted: str
) -> None:
    if how == "colleague":
        services.take(session, ana, timezone.now())
    elif how == "unrouted":
        ChatSession.objects.update(campaign=None)
    elif how == "closed":
        ChatSession.objects.update(state=SessionState.CLOSED)
    client.force_login(make_supervisor())
    assert f'id="composer" data-mode="{wanted}"' in page(client, session)
