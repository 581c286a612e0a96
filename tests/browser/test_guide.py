"""The vendor's guide, walked from top to bottom in a real browser by filling the forms."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

NUMBER = "5511933330002"
CUSTOMER = "5511944440001"
BASE = [
    f"GuideDialer;{CUSTOMER};hsm:chatclub_open_session_v2:Integra:Operation Performed;1",
    "GuideDialer;5511944440002;hsm:chatclub_open_session_v2:Integra:Due at 12:00 PM;9999",
    "GuideDialer;5511944440003;hsm:chatclub_open_session_v2:Integra;9999",
    "OtherDialer;5511944440004;hsm:chatclub_open_session_v2:Integra:Done;9999",
    "GuideDialer;5511944440005;Your appointment is coming up on tomorrow at 12:00 PM;9999",
]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was saved")).to_be_visible()


def open_from_menu(page: Page, group: str, entry: str) -> None:
    """Clicks what the guide writes as “Providers/SMS”."""
    title = page.locator("#nav-sidebar, nav, aside").get_by_text(group, exact=True).first
    expect(title).to_be_visible()
    with page.expect_navigation():
        title.locator(f"xpath=following::a[contains(., '{entry}')][1]").click()


def add(page: Page) -> None:
    with page.expect_navigation():
        page.locator("a.addlink, a[href$='/add/']").first.click()


def make_provider(page: Page, wavy: Wavy) -> None:
    open_from_menu(page, "Providers", "SMS")
    add(page)
    page.get_by_label("Name", exact=False).first.fill("Guide")
    page.get_by_role("textbox", name="Number").fill("+55 11 93333-0002")
    page.get_by_label("Username").fill("guide")
    page.get_by_label("Password").fill("wrong")
    page.get_by_label("SMS RegExp").fill("(")
    page.get_by_label("SMSFrom").fill("whatsapp:hsm:guide")

    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("turns away this username or password")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#id_sms_regexp_error").get_by_text("does not compile")).to_be_visible()
    expect(page.get_by_label("Username")).to_have_value("guide")

    page.get_by_label("SMS RegExp").fill(".")
    page.get_by_label("Password").fill("guide-secret")
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("accepts this username and password")).to_be_visible()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("successfully")).to_be_visible()
    assert "guide-secret" not in page.content()
    wavy.tell("PUT", "/control/accounts", accounts={"guide": NUMBER})
    wavy.tell(
        "PUT",
        "/control/callbacks",
        origin=NUMBER,
        message_url=page.get_by_label("For new messages").input_value(),
        status_url=page.get_by_label("For the status of messages").input_value(),
    )


def make_template(page: Page) -> None:
    open_from_menu(page, "Providers", "Templates")
    expect(page.get_by_text("WhatsApp → HSM").first).to_be_visible()
    add(page)
    page.get_by_label("SMS provider").select_option(label="Guide")
    page.get_by_label("HSM code").fill("chatclub_open_session_v2")
    page.get_by_label("Language").fill("en")
    page.get_by_label("Body").fill("{{1}} reports:\n{{2}}")
    save(page)
    open_from_menu(page, "Providers", "Templates")
    expect(
        page.get_by_role("row", name=re.compile("chatclub_open_session_v2.*Guide.*approved"))
    ).to_be_visible()


def make_campaign(page: Page) -> None:
    open_from_menu(page, "Campaigns", "SMS")
    add(page)
    page.get_by_label("Name").first.fill("Guide campaign")
    page.get_by_label("Service level").fill("60")
    page.get_by_label("SMS providers").select_option(label="Guide")
    expect(page.get_by_label("DIDs - Ports")).to_have_value(f"+{NUMBER}")  # offered by itself
    for label in ("Schedule", "Out of time", "Strategy", "Distribution", "Max interactions", "Enable"):
        expect(page.get_by_label(label).first).to_be_attached()
    page.get_by_role("tab", name="Members").click()
    page.locator("select[name='member_set-0-agent']").select_option(label="Agent1 (agent1)")
    page.locator("input[name='member_set-0-penalty']").fill("0")
    save(page)


def make_dialer(page: Page) -> None:
    open_from_menu(page, "Dialers", "SMS")
    add(page)
    page.get_by_label("Name").first.fill("GuideDialer")
    page.get_by_label("SMS providers").select_option(label="Guide")
    page.get_by_label("Dialing chain").fill(".")
    page.get_by_label("Time between messages").fill("0")
    for label in ("Schedule", "Enabled", "DNCR"):
        expect(page.get_by_label(label).first).to_be_attached()
    page.get_by_label("Campaign").select_option(label="Guide campaign")
    save(page)


def upload_and_start(page: Page, file: Path) -> None:
    open_from_menu(page, "Dialers", "SMS")
    page.get_by_role("link", name="GuideDialer").click()
    page.get_by_label("Base", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    base = page.locator("article.base").filter(has_text="guide.csv")
    expect(base).to_contain_text("ready")
    expect(base).to_contain_text("3 valid lines")
    expect(base).to_contain_text("2 invalid lines")
    expect(base).to_contain_text("Integra reports:")
    expect(base.locator("[data-unprocessed]")).to_have_text("3")
    with page.expect_download() as download:
        base.get_by_role("link", name="error report").click()
    report = download.value.path().read_text()
    assert "takes 2 parameters, not 1" in report
    assert "names “OtherDialer”" in report
    base.get_by_role("button", name="Start").click()
    expect(base).to_contain_text("finished")
    expect(base.locator("[data-unprocessed]")).to_have_text("0")
    # It moves by itself: nobody reloads the page while the callbacks come in.
    expect(base.locator(".tally")).to_contain_text(re.compile(r"read\s*2"))
    base.get_by_role("link", name="its messages").click()
    expect(page.get_by_text("this one never wrote")).to_be_visible()


def open_phone(page: Page, wavy: Wavy) -> None:
    page.goto(f"{wavy.url}/phone/?number={CUSTOMER}&origin={NUMBER}")
    expect(page.get_by_text("Operation Performed").last).to_be_visible()


def say(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def test_the_guide_leads_from_an_empty_form_to_a_customers_answer(
    installation: Installation,
    wavy: Wavy,
    sign_in: SignIn,
    window: Callable[[], Page],
    base_file: Callable[[str, list[str]], Path],
) -> None:
    supervisor = sign_in("supervisor")
    make_provider(supervisor, wavy)
    make_template(supervisor)
    make_campaign(supervisor)
    make_dialer(supervisor)
    upload_and_start(sign_in("operator"), base_file("guide.csv", BASE))

    phone = window()
    open_phone(phone, wavy)
    say(phone, "Hola! Puedo cambiarlo?")

    agent = sign_in("agent1")
    line = agent.get_by_role("link", name=re.compile("Hola! Puedo cambiarlo"))
    expect(line).to_be_visible()
    line.click()
    log = agent.get_by_role("log")
    expect(log).to_contain_text("Hola! Puedo cambiarlo?")
    texts = log.inner_text()
    assert texts.index("Operation Performed") < texts.index("Hola! Puedo cambiarlo?")
    take = agent.get_by_role("button", name="Take", exact=True)
    if take.is_visible():
        take.click()
    agent.get_by_label("Message").fill("Claro, a las 15?")
    agent.keyboard.press("Enter")
    expect(log).to_contain_text("Claro, a las 15?")

    expect(phone.get_by_text("Claro, a las 15?").last).to_be_visible()
    say(phone, "Perfecto")
    expect(log).to_contain_text("Perfecto")

    agent.on("dialog", lambda dialog: dialog.accept())
    agent.get_by_role("button", name="Close").click()
    expect(agent.get_by_text("closed").first).to_be_visible()
    # Closing closes the interaction, not the 24 hours.
    ended = installation.get("sessions/?state=closed")["results"]
    (closed,) = [one for one in ended if one["contact"] == CUSTOMER]
    assert closed["window_expires_at"] is not None
    phone_got = wavy.ask(f"/control/received?number={CUSTOMER}&origin={NUMBER}")["messages"]
    assert [one["text"] for one in phone_got] == ["Integra reports:\nOperation Performed", "Claro, a las 15?"]
