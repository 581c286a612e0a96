"""The desk in a real browser: it refreshes by itself, and nothing that is half typed gets lost."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from campaigns.models import Campaign
from providers import media
from providers.models import Contact, Direction, Media, Message
from providers.models.media import customers_storage
from providers.states import State
from sessions import routing, services
from sessions.models import ChatSession, SessionState
from simulator.media import picture
from tests.factories import (
    OUR_NUMBER,
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_template,
    outgoing,
)

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def campaign(live_server: LiveServer) -> Campaign:
    return make_campaign(make_provider(), dids=(OUR_NUMBER,))


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana")


@pytest.fixture
def maria(campaign: Campaign) -> Contact:
    """She has answered a base a moment ago."""
    contact = make_contact(campaign.provider, name="María José")
    base = make_base(make_dialer(campaign.provider, campaign))
    sent = outgoing(contact, "We remind you of tomorrow, 12:00 PM", base=base, state=State.READ)
    writes(contact, "May I come at three?", answers=sent)
    return contact


def writes(contact: Contact, text: str, **fields: Any) -> None:
    incoming(contact, text, at=timezone.now(), **fields)
    routing.route(timezone.now())


@pytest.fixture
def open_desk(window: Callable[[], Page], live_server: LiveServer) -> Open:
    """Opens the desk as somebody, in a window of their own."""

    def enter(user: User, path: str = "/desk/", width: int = 1280) -> Page:
        client = Client()
        client.force_login(user)
        page = window()
        page.set_viewport_size({"width": width, "height": 780})
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    return enter


def talk(page: Page) -> Any:
    return page.get_by_role("log")


def ours() -> list[str]:
    sent = Message.objects.filter(direction=Direction.OUT, batch=None)
    return list(sent.order_by("id").values_list("text", flat=True))


def test_a_customer_is_answered_and_the_ticks_follow(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana)
    page.get_by_role("link", name="María José").click()
    expect(talk(page)).to_contain_text("We remind you of tomorrow")
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.locator("#active")).to_contain_text("María José")
    page.get_by_label("Message").fill("Of course!")
    page.get_by_label("Message").press("Enter")
    expect(talk(page)).to_contain_text("Of course!")
    expect(page.get_by_label("Message")).to_have_value("")
    Message.objects.filter(text="Of course!").update(state=State.READ)
    expect(talk(page).get_by_role("listitem").last).to_contain_text("read")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("The interaction with María José is closed.")).to_be_visible()
    expect(page.get_by_text("Nobody waits.")).to_be_visible()


def test_enter_sends_once_however_often_it_is_struck(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    message = page.get_by_label("Message")
    message.fill("Of course!")
    message.evaluate(
        """field => { for (let n = 0; n < 5; n++)
        field.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true})) }"""
    )
    expect(talk(page).get_by_text("Of course!")).to_have_count(1)
    message.fill("And bring your card.")
    message.press("Enter")
    expect(talk(page)).to_contain_text("And bring your card.")
    assert ours() == ["Of course!", "And bring your card."]


def test_an_answer_is_not_lost_while_another_act_and_news_are_on_their_way(
    open_desk: Open, ana: User, maria: Contact
) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    page.route("**/take/", lambda _route: None)
    page.get_by_role("button", name="Take", exact=True).click()
    writes(maria, "Or at four?")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('desk:changed'))")
    page.get_by_label("Message").fill("Of course!")
    page.get_by_label("Message").press("Enter")
    expect(talk(page)).to_contain_text("Of course!")
    expect(talk(page)).to_contain_text("Or at four?")


def test_shift_enter_starts_a_new_line(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    message = page.get_by_label("Message")
    message.press_sequentially("one")
    message.press("Shift+Enter")
    message.press_sequentially("two")
    message.press("Enter")
    expect(talk(page)).to_contain_text("two")
    assert ours() == ["one\ntwo"]


def test_what_is_half_typed_stays_while_messages_come_in(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    message = page.get_by_label("Message")
    message.press_sequentially("I am still wri")
    writes(maria, "Or at four?")
    expect(talk(page)).to_contain_text("Or at four?")
    expect(page.locator("#pending")).to_contain_text("Or at four?")
    expect(message).to_be_focused()
    message.press_sequentially("ting")
    expect(message).to_have_value("I am still writing")
    page.reload()
    expect(message).to_have_value("I am still writing")


def test_reading_further_up_is_not_disturbed(open_desk: Open, ana: User, maria: Contact) -> None:
    for n in range(60):
        outgoing(maria, f"line {n:02}")
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    page.get_by_role("button", name="Earlier messages").click()
    expect(talk(page)).to_contain_text("May I come at three?")
    talk(page).evaluate("log => { log.scrollTop = 100 }")
    writes(maria, "Or at four?")
    expect(page.get_by_role("button", name="New messages")).to_be_visible()
    assert talk(page).evaluate("log => log.scrollTop") == 100
    page.get_by_role("button", name="New messages").click()
    expect(talk(page).get_by_text("Or at four?")).to_be_in_viewport()


def test_outside_the_window_the_composer_becomes_the_template_picker(
    open_desk: Open, ana: User, maria: Contact
) -> None:
    make_template(maria.provider, "appointment", "Your appointment is coming up on {{1}} at {{2}}")
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    expect(page.get_by_text("left")).to_be_visible()
    page.get_by_label("Message").fill("half typed")
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(hours=25))
    expect(page.get_by_text("only an approved template may be sent")).to_be_visible()
    expect(page.get_by_label("Message")).to_be_hidden()
    page.get_by_label("Template").select_option(label="appointment (en)")
    page.get_by_label("Parameter 1").fill("tomorrow")
    page.get_by_label("Parameter 2").fill("12:00 PM")
    expect(page.locator("#preview")).to_have_text("Your appointment is coming up on tomorrow at 12:00 PM")
    page.get_by_role("button", name="Send").click()
    expect(talk(page)).to_contain_text("coming up on tomorrow at 12:00 PM")
    assert ours() == ["Your appointment is coming up on tomorrow at 12:00 PM"]
    writes(maria, "Thanks!")
    expect(page.get_by_label("Message")).to_have_value("half typed")


def test_a_refused_text_stays_and_says_why(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    page.route(
        "**/updates/**", lambda route: route.abort()
    )  # the page has not heard yet that the 24 hours are over
    Contact.objects.update(last_incoming_at=timezone.now() - timedelta(hours=25))
    page.get_by_label("Message").fill("Are you there?")
    page.get_by_label("Message").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The 24-hour session ended on")
    expect(page.get_by_label("Message")).to_have_value("Are you there?")
    assert ours() == []


def test_what_a_colleague_takes_goes_away_with_a_sentence(
    open_desk: Open, campaign: Campaign, ana: User, maria: Contact
) -> None:
    session = ChatSession.objects.get()
    page = open_desk(ana, f"/desk/{session.pk}/")
    services.take(session, make_agent("bea", campaign, first_name="Bea"), timezone.now())
    expect(page.get_by_text("Bea has taken this interaction.")).to_be_visible()
    expect(page.get_by_text("Nobody waits.")).to_be_visible()


def test_on_a_phone_one_column_at_a_time(open_desk: Open, ana: User, maria: Contact) -> None:
    page = open_desk(ana, width=390)
    page.get_by_role("button", name="Take next").click()
    expect(page.get_by_label("Message")).to_be_visible()
    expect(page.locator("#pending")).to_be_hidden()
    assert ChatSession.objects.get().state == SessionState.ACTIVE
    page.get_by_role("link", name="Details").click()
    expect(page.get_by_text("monday.csv")).to_be_visible()
    page.get_by_role("link", name="‹ Conversation").click()
    expect(page.get_by_text("monday.csv")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("link", name="Back to the lists").click()
    expect(page.locator("#active")).to_contain_text("María José")


def test_the_desk_is_walked_by_keyboard(
    open_desk: Open, campaign: Campaign, ana: User, maria: Contact
) -> None:
    writes(make_contact(campaign.provider, "59899000002", name="João"), "Bom dia")
    page = open_desk(ana)
    page.get_by_role("link", name="María José").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="João")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Message")).to_be_focused()
    page.wait_for_load_state()  # its keys are listened to from then on
    page.keyboard.type("Bom dia, João!")
    page.keyboard.press("Enter")
    expect(talk(page)).to_contain_text("Bom dia, João!")
    page.keyboard.press("Alt+c")
    expect(page.get_by_text("The interaction with João is closed.")).to_be_visible()


def test_a_press_that_is_on_its_way_while_the_lists_are_renewed_is_not_lost(
    open_desk: Open, campaign: Campaign, ana: User, maria: Contact
) -> None:
    page = open_desk(ana)
    page.get_by_role("link", name="María José").hover()
    page.mouse.down()
    writes(make_contact(campaign.provider, "59899000002", name="João"), "Bom dia")
    with page.expect_response(
        lambda answer: "/desk/changes" in answer.url and answer.status == 200
    ) as renewed:
        page.evaluate("htmx.trigger(document.body, 'desk:changed')")
    assert "João" in renewed.value.text()
    page.evaluate("() => new Promise(requestAnimationFrame)")
    page.mouse.up()
    expect(page.get_by_label("Message")).to_be_visible()


def test_no_page_of_the_desk_needs_inline_scripts_or_styles(
    open_desk: Open, ana: User, maria: Contact
) -> None:
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    assert page.locator("script:not([src]), style, [style], [onclick], [hx-on]").count() == 0


def test_a_picture_appears_by_itself_and_who_reads_the_end_stays_there(
    open_desk: Open, ana: User, maria: Contact, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    for n in range(12):
        incoming(maria, f"Line {n}", at=timezone.now())
    message = incoming(maria, "", at=timezone.now(), kind="image")
    row = Media.objects.create(message=message, url="https://x/1", next_attempt_at=timezone.now())
    page = open_desk(ana, f"/desk/{ChatSession.objects.get().pk}/")
    expect(talk(page)).to_contain_text("Picture · being fetched")
    (claimed,) = media.claim(1, timezone.now())
    file = customers_storage.save(f"{media.folder_of(row.pk)}/1.png", ContentFile(picture()))
    media.store(claimed, media.Fetched(file, "image/png", "beach.png", len(picture())))
    shown = talk(page).get_by_role("img", name="Picture from the customer: beach.png")
    expect(shown).to_have_js_property("naturalWidth", 240)
    expect(shown).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("being fetched")).to_have_count(0)
