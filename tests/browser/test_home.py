"""The start page in a real browser: it renews itself while a base runs, and says so when it cannot."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

DIALER = "HomeDialer"
FIRST = 59_899_660_100
PEOPLE = 40
GAP = 500  # milliseconds between two messages


@pytest.fixture
def running(installation: Installation, wavy: Wavy) -> str:
    """A base of twenty seconds that is being sent."""
    (provider,) = installation.get("providers/?name=Wavy")["results"]
    installation.connect(wavy)
    made = {"name": DIALER, "provider": provider["id"], "time_between_messages": GAP}
    installation.done("POST", "dialers/", json=made)
    lines = [f"{DIALER};{FIRST + n};hsm:chatclub_open_session_v2:Ana:Hello;9999" for n in range(PEOPLE)]
    base = installation.upload(lines, DIALER)
    installation.done("POST", f"bases/{base}/start/", "operator")
    return str(base)


def test_the_start_page_renews_itself_and_says_when_it_cannot(running: str, sign_in: SignIn) -> None:
    page: Page = sign_in("supervisor")
    page.evaluate("window.notReloaded = true")
    line = page.locator(f"#work-{running}")
    expect(line.get_by_role("progressbar")).to_be_visible()
    before = line.locator(".work-done b").inner_text()
    expect(line.locator(".work-done b")).not_to_have_text(before)
    expect(line.locator(".fill").first).to_have_attribute("style", re.compile(r"width: [1-9]"))
    assert page.evaluate("window.notReloaded")

    page.route("**/admin/figures/**", lambda route: route.abort())
    expect(page.get_by_role("alert")).to_contain_text("No answer since")
    page.unroute("**/admin/figures/**")
    expect(page.locator("#stale")).to_be_hidden()
