"""The desk's stream in a real browser: what comes is there at once, and after a lost connection nothing is missing."""

import psutil
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

NUMBER = "5511955550077"
ORIGIN = "5511900000001"


def says(wavy: Wavy, text: str) -> None:
    wavy.tell("POST", "/control/say", source=NUMBER, origin=ORIGIN, text=text)


def bubbles(page: Page) -> list[str]:
    return page.get_by_role("log").locator("li .text").all_inner_texts()


def test_after_a_lost_connection_nothing_is_missing_and_what_was_typed_is_there(
    sign_in: SignIn, installation: Installation, wavy: Wavy
) -> None:
    installation.connect(wavy)
    page = sign_in("agent2")
    page.goto(f"{installation.url}/desk/")
    says(wavy, "first of the live test")
    line = page.locator("#lists a.line").filter(has_text="first of the live test")
    with page.expect_response(lambda answer: "/push/" in answer.url and answer.ok):
        line.click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("first of the live test")
    page.get_by_label("Message").press_sequentially("I am still wri")

    page.context.set_offline(True)
    psutil.Process(installation.children()["push"].pid).kill()
    says(wavy, "second")
    says(wavy, "third")
    expect(page.get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)

    expect(log.get_by_text("third", exact=True)).to_be_visible()
    expect(page.get_by_text("No connection.")).to_be_hidden()
    page.get_by_label("Message").press_sequentially("ting")
    expect(page.get_by_label("Message")).to_have_value("I am still writing")
    assert bubbles(page)[-3:] == ["first of the live test", "second", "third"]
