"""A real run: Wavy turns away the credentials, the supervisor sees it without doing anything, and sees its end."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tools.installation import Installation
from tools.waiting import eventually
from tools.wavy import Wavy

SignIn = Callable[[str], Page]
LINE = "WavyDialer;{number};hsm:chatclub_open_session_v2:Integra:Operation Performed;9999"
SOON = 60_000  # milliseconds; a look every 15 seconds, and half a minute until an end is believed


def test_wrong_credentials_are_an_alert_until_they_are_right(
    sign_in: SignIn, installation: Installation, wavy: Wavy
) -> None:
    page = sign_in("supervisor")
    page.goto(f"{installation.url}/admin/house/alert/?state=open")
    installation.connect(wavy)
    wavy.switch(answers={"401": 1})
    base = installation.upload([LINE.format(number=59899700000 + n) for n in range(5)])
    installation.done("POST", f"bases/{base}/start/", "operator")

    expect(page.locator(".alerts-bell")).to_be_visible(timeout=SOON)
    page.locator(".alerts-bell").click()
    expect(page.locator("#result_list")).to_contain_text("Wavy turns away the username or password")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".alerts-bell")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    wavy.switch(answers={})
    installation.done("POST", f"bases/{base}/start/", "operator")
    eventually(lambda: installation.get(f"bases/{base}/")["state"] == "finished", 60, "the base has ended")
    expect(page.locator(".alerts-bell")).to_be_hidden(timeout=2 * SOON)
    page.goto(f"{installation.url}/admin/house/alert/?state=over")
    expect(page.locator("#result_list")).to_contain_text("Over since")
