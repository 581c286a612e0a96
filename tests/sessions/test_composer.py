"""Why nothing may be written, in one sentence with the way out; and the template picker."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, DoNotCall, Message
from providers.models.do_not_call import Source
from sessions.models import ChatSession, SessionState
from tests.factories import incoming, make_session, make_supervisor, make_template
from tests.pages import signed_in, words

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def session(campaign: Campaign, contact: Contact, ana: User) -> ChatSession:
    incoming(contact, at=timezone.now())
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE, opened_at=timezone.now())


def opened(user: User, session: ChatSession) -> Any:
    return signed_in(user).get(reverse("desk:session", args=[session.pk]))


def test_nothing_is_said_while_one_may_write(ana: User, session: ChatSession) -> None:
    page = opened(ana, session).content.decode()
    assert '<p id="why" class="why text" role="status" hx-swap-oob="true"></p>' in page


def test_what_is_closed_says_how_it_goes_on(ana: User, session: ChatSession) -> None:
    ChatSession.objects.update(state=SessionState.CLOSED, closed_at=timezone.now())
    assert "The customer's next message opens a new one." in words(opened(ana, session))


def test_what_a_colleague_holds_names_them_and_leaves_a_note_to_write(session: ChatSession) -> None:
    said = words(opened(make_supervisor(), session))
    assert "Ana holds this interaction and answers it. You can leave a note." in said


def test_what_is_unrouted_says_who_assigns_a_campaign(session: ChatSession) -> None:
    ChatSession.objects.update(campaign=None, agent=None, state=SessionState.WAITING)
    assert "Assign one above, then it can be answered." in words(opened(make_supervisor(), session))


@pytest.mark.parametrize("leads", [True, False], ids=["a supervisor is led there", "an agent is not"])
def test_who_opted_out_is_said_to_be_in_the_registry(
    session: ChatSession, campaign: Campaign, ana: User, leads: bool
) -> None:
    DoNotCall.objects.create(number=session.contact.contact, source=Source.CUSTOMER)
    if leads:
        ana = make_supervisor()
        ChatSession.objects.update(agent=ana)
    page = opened(ana, session)
    assert "This number is in the do-not-call registry" in words(page)
    assert ("Open the registry" in words(page)) == leads


def test_a_window_that_ended_while_one_wrote_turns_the_page_to_the_templates(
    ana: User, session: ChatSession
) -> None:
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(hours=25))
    address = reverse("desk:send-text", args=[session.pk])
    answer = signed_in(ana).post(address, {"text": "Hello", "submission": str(uuid4())}, headers=HTMX)
    assert (answer.status_code, "The 24-hour session ended" in words(answer)) == (409, True)
    assert 'hx-swap-oob="true" data-mode="template"' in answer.content.decode()


def test_a_new_line_is_one_character_however_the_form_writes_it(ana: User, session: ChatSession) -> None:
    address = reverse("desk:send-text", args=[session.pk])
    signed_in(ana).post(address, {"text": "one\r\ntwo", "submission": str(uuid4())}, headers=HTMX)
    assert Message.objects.filter(text="one\ntwo").exists()


def test_one_that_waited_in_the_lane_until_the_window_ended_says_so_and_offers_a_template(
    ana: User, session: ChatSession
) -> None:
    address = reverse("desk:send-text", args=[session.pk])
    desk = signed_in(ana)
    desk.post(address, {"text": "Hello", "submission": str(uuid4())}, headers=HTMX)
    Message.objects.filter(text="Hello").update(state=50, error="window_closed", error_detail="")
    page = desk.get(reverse("desk:session", args=[session.pk])).content.decode()
    assert "The 24-hour session of this customer is closed. Send an approved template." in page
    assert 'data-act="template">Use a template</button></div>' in page


def test_the_picker_knows_a_templates_words_and_offers_the_customers_name(
    ana: User, session: ChatSession, campaign: Campaign
) -> None:
    template = make_template(campaign.provider, "reminder", "Hello {{1}}, until {{2}}")
    assert 'data-words="Hello {{1}}, until {{2}}"' in opened(ana, session).content.decode()
    address = reverse("desk:template-form", args=[session.pk])
    form = signed_in(ana).get(address, {"template": template.pk}).content.decode()
    assert 'data-fill="parameter-2" data-value="María José"' in form
