"""Searching a number from the header, reading its story, and trying a template out, in a real browser."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from providers import do_not_call
from providers.models import Provider
from providers.models.do_not_call import Source
from providers.states import State
from sessions.models import SessionState
from tests.factories import (
    incoming,
    make_agent,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_template,
    outgoing,
)

pytestmark = pytest.mark.django_db(transaction=True)
Open = Callable[..., Page]


@pytest.fixture
def provider(live_server: LiveServer) -> Provider:
    return make_provider()


@pytest.fixture
def open_admin(window: Callable[[], Page], live_server: LiveServer) -> Open:
    """Opens a page of the admin as somebody."""

    def enter(user: User, path: str = "/admin/", width: int = 1280) -> Page:
        client = Client()
        client.force_login(user)
        page = window()
        page.set_viewport_size({"width": width, "height": 900})
        cookie = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    return enter


@pytest.mark.parametrize("width", [1280, 390])
def test_a_number_is_found_from_the_header_by_its_last_six_digits(
    open_admin: Open, provider: Provider, width: int
) -> None:
    contact = make_contact(provider, "5511987654321", name="María José")
    base = make_base(
        make_dialer(provider), "turnos_lunes.csv", started_by=make_operator("olga", first_name="Olga")
    )
    now = timezone.now()
    sent = outgoing(
        contact, "Hola María José, su turno es mañana", base=base, state=State.READ, sent_at=now, read_at=now
    )
    incoming(contact, "May I come at three?", at=now, answers=sent)
    campaign = make_campaign(provider, "Appointments")
    agent = make_agent("ana", campaign, first_name="Ana")
    make_session(contact, campaign, agent, state=SessionState.ACTIVE, opened_at=now)
    outgoing(contact, "Yes", now, state=State.FAILED, error="window_closed", author=agent)
    do_not_call.add("5511987654321", None, Source.CUSTOMER, "asked on the phone", None)
    page = open_admin(make_supervisor(), "/admin/providers/provider/", width)

    box = page.get_by_role("search", name="Find a number").get_by_role("searchbox")
    box.fill("654321")
    box.press("Enter")

    expect(page).to_have_url(re.compile(r"/admin/story/5511987654321/$"))
    expect(page.get_by_text("Hola María José, su turno es mañana")).to_be_visible()
    expect(page.get_by_text("started by Olga")).to_be_visible()
    expect(page.get_by_text("agent Ana")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_bubble_follows_what_is_typed(open_admin: Open, provider: Provider) -> None:
    template = make_template(provider, "visit", "Hello *{{1}}*", header="Your visit", buttons=["Confirm"])
    page = open_admin(make_supervisor(), f"/admin/providers/template/{template.pk}/change/")
    bubble = page.locator("[data-bubble]")

    page.get_by_label("Parameter 1").fill("<b>Ana</b>_x")
    page.get_by_label("Footer").fill("STOP ends it")
    page.get_by_label("Body").fill("Good day *{{1}}* and ~bye~ {{2}}")
    page.get_by_label("Parameter 2").fill("Bob")

    expect(bubble.locator("strong")).to_have_text("<b>Ana</b>_x")
    expect(bubble.locator("s")).to_have_text("bye")
    expect(bubble).to_contain_text("STOP ends it")
    expect(bubble.get_by_role("listitem")).to_have_text("Confirm")
