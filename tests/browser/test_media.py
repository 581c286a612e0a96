"""A picture from the customer's phone to the agent's desk, through everything that lies between."""

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

NUMBER = "5511955550001"
ORIGIN = "5511900000001"


@pytest.fixture
def closed_media(wavy: Wavy) -> Iterator[None]:
    """Wavy hands files out to the account alone."""
    wavy.switch(media_needs_headers=True)
    yield
    wavy.switch(media_needs_headers=False)


def opened_conversation(page: Page) -> Page:
    page.goto(page.url.partition("/desk/")[0].rstrip("/") + "/desk/")
    page.locator("#lists a.line").first.click()
    return page


@pytest.mark.usefixtures("closed_media")
def test_a_picture_of_the_phone_is_seen_at_the_desk_and_by_nobody_else(
    installation: Installation, wavy: Wavy, sign_in: SignIn
) -> None:
    installation.connect(wavy)
    wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, kind="image", text="Our beach")
    desk = opened_conversation(sign_in("agent1"))
    talk = desk.get_by_role("log", name="Conversation")
    picture = talk.get_by_role("img", name=re.compile("Picture from the customer"))
    expect(picture).to_be_visible()
    expect(talk).to_contain_text("Our beach")
    expect(picture).to_have_js_property("naturalWidth", 240)

    desk.get_by_role("button", name="Take", exact=True).click()
    expect(desk.locator("#active a.line").first).to_be_visible()
    for kind, seconds in (("audio", 0.5), ("video", 1)):
        wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, kind=kind)
        expect(talk.locator(kind)).to_have_js_property("duration", seconds)
    wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, kind="document")
    with desk.expect_download() as download:
        talk.get_by_role("link", name=re.compile("document.pdf")).click()
    assert download.value.suggested_filename == "document.pdf"

    address = f"{installation.url}{picture.get_attribute('src')}"
    assert sign_in("agent2").request.get(address).status == 404
    assert requests.get(address, timeout=10, allow_redirects=False).status_code == 302
