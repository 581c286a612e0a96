"""The composer by keyboard alone: canned replies, notes, templates when the 24 hours end; and earlier messages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Campaign, CannedReply
from providers.models import Contact, Direction, Message
from sessions.models import ChatSession, Event, SessionState
from tests.factories import (
    OUR_NUMBER,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_provider,
    make_session,
    make_template,
    outgoing,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(live_server: LiveServer) -> Campaign:
    campaign = make_campaign(make_provider(), dids=(OUR_NUMBER,))
    CannedReply.objects.bulk_create(
        CannedReply(campaign=campaign, shortcut=f"reply-{n}", text=f"Reply number {n}") for n in range(1000)
    )
    CannedReply.objects.create(campaign=campaign, shortcut="hello", text="Good day {name}, this is {agent}.")
    make_template(campaign.provider, "welcome", "Welcome back, {{1}}!")
    make_template(campaign.provider, "invoice", "Your invoice of {{1}} is ready.")
    return campaign


@pytest.fixture
def session(campaign: Campaign) -> ChatSession:
    contact = make_contact(campaign.provider, name="María José")
    ana = make_agent("ana", campaign, first_name="Ana")
    incoming(contact, "May I come at three?", at=timezone.now())
    return make_session(contact, campaign, ana, state=SessionState.ACTIVE, opened_at=timezone.now())


@pytest.fixture
def desk(window: Callable[[], Page], live_server: LiveServer, session: ChatSession) -> Page:
    """María's conversation, open before Ana."""
    assert session.agent is not None
    client = Client()
    client.force_login(session.agent)
    page = window()
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}/desk/{session.pk}/")
    return page


def talk(page: Page) -> Any:
    return page.get_by_role("log")


def ours() -> list[str]:
    return list(Message.objects.filter(direction=Direction.OUT).order_by("id").values_list("text", flat=True))


def test_a_canned_reply_a_note_and_a_template_by_keyboard_alone(desk: Page, session: ChatSession) -> None:
    message = desk.get_by_label("Message", exact=True)
    message.press_sequentially("/hel")
    options = desk.get_by_role("listbox", name="Canned replies").get_by_role("option")
    expect(options).to_have_count(1)
    message.press("Escape")
    expect(options).to_have_count(0)
    message.fill("")
    message.press_sequentially("/reply")
    expect(options).to_have_count(50)
    message.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    message.fill("/good day")
    expect(options).to_have_count(1)
    message.press("Enter")
    expect(message).to_have_value("Good day María José, this is Ana.")
    message.press("Enter")
    expect(talk(desk)).to_contain_text("Good day María José, this is Ana.")

    message.press("Alt+n")
    note = desk.get_by_label("Note: only colleagues see it")
    expect(note).to_be_focused()
    note.press_sequentially("She sounds tired")
    note.press("Enter")
    expect(talk(desk)).to_contain_text("only we see this")
    expect(note).to_have_value("")
    note.press("Alt+n")
    message.press_sequentially("Half typed")
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(hours=25))
    message.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text("The 24-hour session ended")
    search = desk.get_by_label("Search by code or words")
    expect(search).to_be_focused()
    search.press_sequentially("back")
    search.press("Enter")
    desk.get_by_role("button", name="Insert “María José”").press("Enter")
    expect(desk.locator("#preview")).to_contain_text("Welcome back, María José!")
    desk.keyboard.press("Enter")
    expect(talk(desk)).to_contain_text("Welcome back, María José!")
    assert ours() == ["Good day María José, this is Ana.", "Welcome back, María José!"]
    assert Event.objects.get().text == "She sounds tired"
    assert desk.evaluate("document.getElementById('message').value") == "Half typed"


def test_earlier_messages_come_by_themselves_on_scrolling_and_nothing_jumps(
    desk: Page, session: ChatSession
) -> None:
    for n in range(1, 121):
        outgoing(session.contact, f"Old message {n}")
    Message.objects.filter(text="May I come at three?").delete()
    desk.reload()
    bubbles = talk(desk).get_by_role("listitem")
    expect(talk(desk)).to_contain_text("Old message 120")
    desk.evaluate("document.getElementById('scroll').scrollTop = 0")
    expect(talk(desk)).to_contain_text("Old message 21 ")
    expect(bubbles.filter(has_text="Old message 71 ")).to_be_in_viewport()
    desk.evaluate("document.getElementById('scroll').scrollTop = 0")
    expect(talk(desk)).to_contain_text("Old message 1 ")
    expect(desk.get_by_role("button", name="Earlier messages")).to_have_count(0)
