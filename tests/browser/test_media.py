"""A picture from the customer's phone to the agent's desk, through everything that lies between."""

import re
from base64 import b64encode
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Page, expect

from simulator.media import picture
from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

NUMBER = "5511955550001"
ORIGIN = "5511900000001"
PASTE = """(field, bytes) => {
  const held = new DataTransfer();
  const raw = Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0));
  held.items.add(new File([raw], "map.png", { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def closed_media(wavy: Wavy) -> Iterator[None]:
    """Wavy hands files out to the account alone."""
    wavy.switch(media_needs_headers=True)
    yield
    wavy.switch(media_needs_headers=False)


def opened_conversation(page: Page, said: str) -> Page:
    page.goto(page.url.partition("/desk/")[0].rstrip("/") + "/desk/")
    page.locator("#lists a.line", has_text=said).click()
    return page


@pytest.mark.usefixtures("closed_media")
def test_a_picture_of_the_phone_is_seen_at_the_desk_and_by_nobody_else(
    installation: Installation, wavy: Wavy, sign_in: SignIn
) -> None:
    installation.connect(wavy)
    wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, kind="image", text="Our beach")
    desk = opened_conversation(sign_in("agent1"), "Our beach")
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


def test_a_picture_pasted_at_the_desk_is_seen_on_the_customers_phone(
    installation: Installation, wavy: Wavy, sign_in: SignIn
) -> None:
    installation.connect(wavy)
    wavy.tell("POST", "/control/say", source="5511955550002", origin=ORIGIN, text="Where is it?")
    desk = sign_in("agent1")
    desk.goto(f"{installation.url}/desk/")
    desk.locator("#lists a.line", has_text="Where is it?").click()
    talk = desk.get_by_role("log", name="Conversation")
    expect(talk).to_contain_text("Where is it?")
    message = desk.get_by_label("Message", exact=True)
    message.evaluate(PASTE, b64encode(picture()).decode())
    expect(desk.locator("#chosen")).to_contain_text("map.png")
    expect(desk.locator("#chosen img")).to_have_js_property("naturalWidth", 240)
    message.fill("Here is the way")
    message.press("Enter")
    expect(talk.get_by_role("img", name="Picture that we sent: map.png")).to_have_js_property(
        "naturalWidth", 240
    )
    expect(desk.locator("#chosen")).to_be_hidden()

    phone = desk.context.new_page()
    phone.goto(f"{wavy.url}/phone/?number=5511955550002&origin={ORIGIN}")
    got = phone.get_by_role("article").filter(has_text="Here is the way")
    expect(got.get_by_role("img")).to_have_js_property("naturalWidth", 240)
    expect(talk.get_by_role("listitem").last).to_contain_text("read")
