"""An agent writes first: what opens, what is refused, and where there is something open already."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from providers.errors import Refusal
from providers.models import Contact, Direction, DoNotCall, Message, Provider
from providers.models.do_not_call import Source
from providers.outbox import compose_template, compose_text
from sessions import outbound
from sessions.models import ChatSession, Origin, SessionState
from tests.factories import CUSTOMER, make_agent, make_campaign, make_contact, make_session, make_template

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def bea(campaign: Campaign) -> User:
    return make_agent("bea", campaign, first_name="Bea")


def reminder(provider: Provider) -> Any:
    return compose_template(provider, "reminder", ["María"])


def begin(
    agent: User, campaign: Campaign, number: str = f"+{CUSTOMER}", compose: Any = reminder
) -> outbound.Begun:
    make_template(campaign.provider) if not campaign.provider.templates.exists() else None
    return outbound.begin(agent, campaign, number, compose, timezone.now())


def refusal(agent: User, campaign: Campaign, **given: Any) -> Refusal:
    with pytest.raises(Refusal) as refused:
        begin(agent, campaign, **given)
    return refused.value


@pytest.mark.parametrize("number", ["+598 99 123 456", "00598-99-123-456", "59899123456"])
def test_it_opens_an_interaction_of_the_agents_and_the_message_leaves(
    ana: User, campaign: Campaign, number: str
) -> None:
    begun = begin(ana, campaign, number)
    session = begun.session
    session.refresh_from_db()
    assert begun.new
    assert (session.contact.contact, session.agent, session.state, session.origin) == (
        CUSTOMER,
        ana,
        SessionState.ACTIVE,
        Origin.AGENT,
    )
    assert Message.objects.get(direction=Direction.OUT).text == "Hello María"


def test_where_one_is_open_it_leads_there_and_sends_nothing(ana: User, campaign: Campaign) -> None:
    first = begin(ana, campaign)
    again = begin(ana, campaign)
    assert (again.session, again.new) == (first.session, False)
    assert Message.objects.count() == 1


def test_what_waits_in_the_agents_campaign_is_found(ana: User, campaign: Campaign, contact: Contact) -> None:
    waiting = make_session(contact, campaign)
    assert begin(ana, campaign).session == waiting


def test_whom_a_colleague_speaks_with_is_said(
    ana: User, bea: User, campaign: Campaign, contact: Contact
) -> None:
    make_session(contact, campaign, bea, state=SessionState.ACTIVE)
    assert "Bea is in a conversation with this customer." in str(refusal(ana, campaign))


def test_who_waits_in_a_campaign_of_others_is_left_there(
    ana: User, campaign: Campaign, contact: Contact
) -> None:
    make_session(contact, make_campaign(campaign.provider, "Others"))
    refused = refusal(ana, campaign)
    assert refused.code == "waits_elsewhere"
    assert "waits in the campaign Others" in str(refused)


@pytest.mark.parametrize("source", [Source.CUSTOMER, Source.EXTERNAL])
def test_who_must_not_be_written_to_is_not(ana: User, campaign: Campaign, source: Source) -> None:
    DoNotCall.objects.create(number=CUSTOMER, source=source)
    assert refusal(ana, campaign).code == "do_not_call"
    assert not ChatSession.objects.exists()
    assert not Message.objects.exists()


def test_a_text_leaves_inside_the_24_hours_alone(ana: User, campaign: Campaign, provider: Provider) -> None:
    def text(_provider: Provider) -> Any:
        return compose_text("Hello again")

    assert refusal(ana, campaign, compose=text).code == "window_closed"
    assert not ChatSession.objects.exists()
    make_contact(provider, "59899000007", timezone.now() - timedelta(hours=1))
    assert begin(ana, campaign, "59899000007", text).new


def test_another_campaign_is_not_the_agents(ana: User, provider: Provider) -> None:
    refused = refusal(ana, make_campaign(provider, "Others"))
    assert (refused.code, refused.status) == ("not_member", 403)


def test_a_number_without_country_is_refused(ana: User, campaign: Campaign) -> None:
    assert refusal(ana, campaign, number="099 123 456").code.startswith("number_")


def send(desk: Client, **fields: Any) -> Any:
    return desk.post("/desk/new/send/", fields, headers=HTMX)


def test_the_dialog_sends_and_leads_to_the_conversation(desk: Client, campaign: Campaign) -> None:
    template = make_template(campaign.provider)
    response = send(
        desk, number="+598 99 123 456", campaign=campaign.pk, template=template.pk, parameter="Ana"
    )
    session = ChatSession.objects.get()
    assert response.headers["HX-Redirect"] == f"/desk/{session.pk}/"
    assert session.turns.get().message.text == "Hello Ana"


@pytest.mark.parametrize(
    ("changed", "beside", "sentence"),
    [
        pytest.param({"number": "099"}, "number-wrong", "", id="a number that is none"),
        pytest.param({"campaign": ""}, "", "Choose a template first.", id="one campaign needs no choice"),
        pytest.param({"template": ""}, "", "Choose a template first.", id="no template"),
        pytest.param({"template": "text", "text": "Half"}, "", "24 hours", id="a text to somebody new"),
    ],
)
def test_what_will_not_do_stands_beside_its_field_and_nothing_is_lost(
    desk: Client, campaign: Campaign, changed: dict[str, str], beside: str, sentence: str
) -> None:
    fields = {"number": "+598 99 123 456", "campaign": campaign.pk, "template": "", **changed}
    response = send(desk, **fields)
    text = response.content.decode()
    assert response.status_code in (400, 409)
    assert f'id="{beside}"' in text if beside else sentence in text
    assert f'value="{fields["number"]}"' in text
    assert fields.get("text", "") in text


def test_the_fields_follow_the_template(desk: Client, campaign: Campaign) -> None:
    template = make_template(campaign.provider, "two", "Hello {{1}}, until {{2}}")
    response = desk.post("/desk/new/words/", {"campaign": campaign.pk, "template": template.pk}, headers=HTMX)
    assert response.content.decode().count('name="parameter"') == 2
