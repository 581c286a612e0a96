"""The desk's dialogs in a browser, by keyboard: transfer, close with a disposition, write first, search, pause."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from campaigns.models import Campaign, Disposition
from providers.models import Contact
from sessions import presence, routing, transfers
from sessions.models import ChatSession, PauseReason, SessionState
from tests.factories import (
    OUR_NUMBER,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_provider,
    make_session,
    make_template,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(live_server: LiveServer) -> Campaign:
    campaign = make_campaign(make_provider(), dids=(OUR_NUMBER,))
    sold = Disposition.objects.create(campaign=campaign, name="Sold")
    for n in range(8):
        Disposition.objects.create(campaign=campaign, name=f"In {n + 2} parts", parent=sold)
    Disposition.objects.create(campaign=campaign, name="At once", parent=sold)
    Disposition.objects.create(campaign=campaign, name="Lost")
    return campaign


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana")


@pytest.fixture
def bea(campaign: Campaign) -> User:
    bea = make_agent("bea", campaign, first_name="Bea")
    presence.seen(bea, timezone.now())
    return bea


@pytest.fixture
def session(campaign: Campaign, ana: User) -> ChatSession:
    contact = make_contact(campaign.provider, name="María José")
    session = make_session(contact, campaign, ana, state=SessionState.ACTIVE, opened_at=timezone.now())
    writes(contact, "May I come at three?")
    return session


def writes(contact: Contact, text: str) -> None:
    incoming(contact, text, at=timezone.now())
    routing.route(timezone.now())


@pytest.fixture
def open_desk(window: Callable[[], Page], live_server: LiveServer) -> Callable[..., Page]:
    """Opens the desk as somebody, in a window of their own."""

    def enter(user: User, session: ChatSession | None = None) -> Page:
        client = Client()
        client.force_login(user)
        page = window()
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(f"{live_server.url}/desk/{f'{session.pk}/' if session else ''}")
        return page

    return enter


def test_a_transfer_by_keyboard_reaches_the_colleague_and_comes_back_with_a_notice(
    open_desk: Any, session: ChatSession, ana: User, bea: User
) -> None:
    Campaign.objects.update(max_transfer_time=60)
    page, there = open_desk(ana, session), open_desk(bea)
    page.get_by_label("Message").press("Alt+t")
    expect(page.get_by_role("radio", name="Bea")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_label("Note for whoever takes it").fill("She asks for Tuesday")
    page.get_by_role("dialog").get_by_role("button", name="Transfer", exact=True).press("Enter")
    expect(page.get_by_text("was transferred to Bea.")).to_be_visible()
    expect(there.get_by_role("link", name="Ana passes")).to_have_text("Ana passes María José on to you.")
    transfers.return_overdue(timezone.now() + timedelta(minutes=2))
    back = page.get_by_role("status").get_by_text("María José came back to you: Bea did not answer.")
    expect(back).to_be_visible()
    back.click()
    expect(page.get_by_role("log")).to_contain_text("It came back: Bea did not answer")
    expect(page.get_by_role("log")).to_contain_text("She asks for Tuesday only we see this")


def test_closing_by_keyboard_asks_for_a_disposition_and_loses_nothing(
    open_desk: Any, session: ChatSession, campaign: Campaign, ana: User
) -> None:
    Campaign.objects.update(disposition_modal=True)
    page = open_desk(ana, session)
    page.get_by_label("Message").press("Alt+c")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Comment").fill("Pays cash")
    dialog.get_by_role("button", name="Close the interaction").click()
    expect(dialog.get_by_text("Choose a disposition: the campaign asks")).to_be_visible()
    expect(dialog.get_by_label("Comment")).to_have_value("Pays cash")
    dialog.get_by_label("Find a disposition").fill("sold once")
    dialog.get_by_label("Find a disposition").press("ArrowDown")
    expect(dialog.get_by_role("radio", name="Sold › At once")).to_be_checked()
    dialog.get_by_role("button", name="Close the interaction").press("Enter")
    expect(page.get_by_text("The interaction with María José is closed.")).to_be_visible()
    session.refresh_from_db()
    assert (str(session.disposition), session.comment) == ("At once", "Pays cash")


def test_an_agent_writes_first_from_the_search(
    open_desk: Any, session: ChatSession, campaign: Campaign, ana: User
) -> None:
    make_template(campaign.provider, "welcome", "Welcome, {{1}}!")
    page = open_desk(ana)
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox", name="Find a conversation").fill("+598 99 888 777")
    page.get_by_role("button", name="New conversation with +598 99 888 777").click()
    expect(page.get_by_label("Number")).to_have_value("+59899888777")
    page.get_by_role("dialog").get_by_label("Message").select_option(label="welcome (en)")
    page.get_by_label("Parameter 1").fill("João")
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("log")).to_contain_text("Welcome, João!")
    page.wait_for_load_state()  # its keys are listened to from then on
    page.keyboard.press("Control+k")
    page.get_by_role("searchbox", name="Find a conversation").fill("maría")
    expect(page.get_by_role("dialog").get_by_role("link", name="María José")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("May I come at three?")


def test_a_pause_is_chosen_at_the_top_and_said_on_the_page(open_desk: Any, ana: User) -> None:
    PauseReason.objects.get_or_create(name="Lunch")
    page = open_desk(ana)
    page.get_by_role("button", name="Available").click()
    page.get_by_role("button", name="Lunch").click()
    expect(page.get_by_text("You are paused since")).to_be_visible()
    presence.resume(ana, timezone.now())
    expect(page.get_by_text("You are paused since")).to_be_hidden()


def test_what_is_unread_stands_in_the_title_until_it_is_looked_at(
    open_desk: Any, session: ChatSession, ana: User
) -> None:
    page = open_desk(ana)
    expect(page).to_have_title("(1) Desk · uContact-Wavy")
    page.get_by_role("link", name="María José").click()
    expect(page.locator(f"#line-{session.pk}")).to_have_attribute("data-unread", "0")
    expect(page).to_have_title("María José · Desk · uContact-Wavy")
    session.refresh_from_db()
    assert session.read_up_to == session.turns.get().message_id


# The browser's own notifications go to nobody here; a page that is looked away from cannot be had either.
NOTIFICATIONS = """
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, { body }) { document.documentElement.dataset.told = body; }
  addEventListener() {}
};
Object.defineProperty(document, "hidden", { get: () => window.away ?? false });
"""


def test_who_asked_for_it_is_notified_while_they_look_elsewhere(
    open_desk: Any, session: ChatSession, ana: User
) -> None:
    page = open_desk(ana)
    page.add_init_script(NOTIFICATIONS)
    page.reload()
    page.get_by_role("button", name="Sound and notifications").click()
    page.reload()
    expect(page.get_by_role("button", name="Sound and notifications", pressed=True)).to_be_visible()
    page.evaluate("window.away = true")
    writes(session.contact, "Or at four?")
    expect(page.locator("html")).to_have_attribute("data-told", "María José: Or at four?")
