"""A supervisor's first day and an operator's first campaign in each language, by the words of its catalogue."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.text import capfirst
from playwright.sync_api import Locator, Page, expect

from tests.browser import tongues
from tests.browser.tongues import Tongue
from tools.installation import Installation
from tools.wavy import Wavy

LONG = 60_000  # milliseconds that a worker of a busy machine may take
LANGUAGES = pytest.mark.parametrize(
    "say", [tongues.ENGLISH, tongues.SPANISH, tongues.PORTUGUESE], ids=lambda one: one.language
)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    tongues.compiled()


def field(page: Page, name: str) -> Locator:
    """The field of just that name, required or not."""
    return page.locator("main, #main, #content").get_by_label(re.compile(rf"^{re.escape(name)}\W*$")).first


def menu(page: Page, group: str, entry: str) -> None:
    title = page.locator("#nav-sidebar").get_by_text(group, exact=True).first
    with page.expect_navigation():
        title.locator(f"xpath=following::a[contains(., '{entry}')][1]").click()


def add(page: Page) -> None:
    with page.expect_navigation():
        page.locator("a.addlink, a[href$='/add/']").first.click()


def save(page: Page, say: Tongue, kind: str, name: str) -> None:
    """Saves, and reads that it was."""
    page.get_by_role("button", name=say("Save"), exact=True).click()
    whole = say("%(kind)s “%(name)s” was saved.", kind=say(kind), name=name)
    expect(page.get_by_text(capfirst(whole))).to_be_visible()
    assert say.left_in_english(page) == []


def make_provider(page: Page, say: Tongue, name: str) -> None:
    menu(page, say("Providers"), say("SMS"))
    add(page)
    field(page, say("Name")).fill(name)
    field(page, say("Number")).fill(f"+{say.number}")
    field(page, say("Username")).fill("first-day")
    field(page, say("Password")).fill("first-secret")
    field(page, "SMSFrom").fill("whatsapp:hsm:first")
    page.get_by_role("button", name=say("Test connection")).click()
    expect(page.get_by_text(say("Connected: Wavy accepts this username and password."))).to_be_visible()
    save(page, say, "SMS provider", name)
    expect(page.get_by_role("heading", name=say("Give these to Wavy"))).to_be_visible()


def make_campaign(page: Page, say: Tongue, name: str, provider: str) -> None:
    menu(page, say("Campaigns"), say("SMS"))
    add(page)
    field(page, say("Name")).fill(name)
    field(page, say("SMS providers")).select_option(label=provider)
    expect(field(page, say("DIDs - Ports"))).to_have_value(f"+{say.number}")  # offered by itself
    save(page, say, "SMS campaign", name)


def choose_members(page: Page, say: Tongue) -> None:
    page.get_by_role("tab", name=say("Members")).click()
    page.get_by_role("link", name=say("Members side by side…")).click()
    agents = page.get_by_role("region", name=say("Agents"), exact=True)
    agents.get_by_role("checkbox", name="agent1").check()
    agents.get_by_role("button", name=f"{say('Add')} (1)").click()
    members = page.get_by_role("region", name=say("Members"), exact=True)
    expect(members.get_by_role("checkbox", name="agent1")).to_be_visible()
    assert say.left_in_english(page) == []


def make_dialer(page: Page, say: Tongue, name: str, provider: str, campaign: str) -> None:
    menu(page, say("Dialers"), say("SMS"))
    add(page)
    field(page, say("Name")).fill(name)
    field(page, say("SMS providers")).select_option(label=provider)
    field(page, say("Campaign")).select_option(label=campaign)
    save(page, say, "SMS dialer", name)


def let_somebody_in(page: Page, say: Tongue, username: str) -> None:
    menu(page, say("People"), say("Users"))
    add(page)
    field(page, capfirst(say("username"))).fill(username)
    field(page, capfirst(say("first name"))).fill(say.person)
    page.get_by_role("checkbox", name=say("Agents")).check()
    page.get_by_role("button", name=say("Save"), exact=True).click()
    expect(page.get_by_label(say("One-time password"))).not_to_have_value("")
    assert say.left_in_english(page) == []


@LANGUAGES
def test_a_supervisors_first_day(
    say: Tongue, installation: Installation, window: Callable[..., Page]
) -> None:
    page = say.sign_in(window, installation, "supervisor")
    assert say.left_in_english(page) == []
    provider, campaign, dialer, agent = say.names
    make_provider(page, say, provider)
    make_campaign(page, say, campaign, provider)
    choose_members(page, say)
    make_dialer(page, say, dialer, provider, campaign)
    let_somebody_in(page, say, agent)


@pytest.fixture
def dialer(say: Tongue, installation: Installation, wavy: Wavy) -> str:
    """A dialer of the demo's provider, that sends three messages in a second and a half."""
    (provider,) = installation.get("providers/?name=Wavy")["results"]
    installation.connect(wavy)
    name = f"{say.names[2]}_1"
    made = {"name": name, "provider": provider["id"], "time_between_messages": 500}
    installation.done("POST", "dialers/", json=made)
    return name


@LANGUAGES
def test_an_operators_first_campaign(
    say: Tongue,
    dialer: str,
    installation: Installation,
    window: Callable[..., Page],
    base_file: Callable[[str, list[str]], Path],
) -> None:
    page = say.sign_in(window, installation, "operator")
    menu(page, say("Dialers"), say("SMS"))
    page.get_by_role("link", name=dialer, exact=True).click()
    lines = [f"{dialer};{say.customers + n};{say.template};9999" for n in range(3)]
    page.get_by_label(say("Base"), exact=True).set_input_files(base_file("lunes.csv", lines))
    page.get_by_role("button", name=say("Upload")).click()

    base = page.locator("article.base").filter(has_text="lunes.csv")
    expect(base).to_have_attribute("data-state", "ready", timeout=LONG)
    expect(base.locator(".bubble").first).to_have_text(say.shown, timeout=LONG)
    expect(base.locator("[data-unprocessed]")).to_have_text("3")
    assert say.left_in_english(page) == []

    base.get_by_role("button", name=say("Start"), exact=True).click()
    expect(base).to_have_attribute("data-state", "running")
    expect(base.locator(".label").first).to_have_text(say("running"))
    assert say.left_in_english(page) == []
    expect(base).to_have_attribute("data-state", "finished", timeout=LONG)
    expect(base.locator(".label").first).to_have_text(say("finished"))
    expect(base.locator("[data-unprocessed]")).to_have_text("0")
    assert say.left_in_english(page) == []
