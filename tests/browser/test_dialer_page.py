"""The dialer's page in a real browser: a whole base without leaving it, by mouse and keyboard, wide and on a phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

FIRST = 59_899_880_100
PEOPLE = 40
LONG = 60_000  # milliseconds that a worker of a busy machine may take
Dialers = Callable[[str], str]

OVER = """(files) => {
  const held = new DataTransfer();
  for (const [name, text] of files) held.items.add(new File([text], name));
  window.held = held;
  for (const kind of ["dragenter", "dragover"])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
}"""
LET_GO = """() => document.body.dispatchEvent(
  new DragEvent("drop", { dataTransfer: window.held, bubbles: true, cancelable: true }))"""

CHOOSE_AT_ONCE = """() => new MutationObserver((_changes, observer) => {
  const select = document.querySelector("article.base select[name=template]");
  if (!select) return;
  observer.disconnect();
  [...select.options].find((option) => option.text === "page_reminder (en)").selected = true;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}).observe(document.body, { childList: true, subtree: true })"""


@pytest.fixture(scope="module")
def provider(installation: Installation, wavy: Wavy) -> int:
    """The demo's provider, with a template of two parameters."""
    (found,) = installation.get("providers/?name=Wavy")["results"]
    installation.connect(wavy)
    template = {
        "provider": found["id"],
        "code": "page_reminder",
        "language": "en",
        "body": "Dear {{1}}: {{2}}.",
    }
    assert installation.api("POST", "templates/", json=template).status_code == 201
    return int(found["id"])


@pytest.fixture
def dialer(installation: Installation, provider: int) -> Dialers:
    """Makes a slow dialer; returns the address of its page."""

    def make(name: str) -> str:
        made = {"name": name, "provider": provider, "time_between_messages": 500}
        key = installation.done("POST", "dialers/", json=made)["id"]
        return f"{installation.url}/admin/dialers/dialer/{key}/change/"

    return make


def card(page: Page, name: str) -> Locator:
    named = page.locator("article.base").filter(has=page.get_by_role("heading", name=name, exact=True))
    return named.first


def with_header(first: int) -> str:
    lines = [f"Ana {n};{first + n};at {n}" for n in range(PEOPLE)]
    return "\n".join(["Paciente;Celular;Turno", *lines])


def plain(first: int, n: int) -> str:
    return "\n".join(f"{first + at};hsm:page_reminder:Bea:tomorrow" for at in range(n))


def drop(page: Page, *files: tuple[str, str]) -> None:
    page.evaluate(OVER, [list(file) for file in files])
    expect(page.locator(".drop-here")).to_be_visible()
    page.evaluate(LET_GO)
    expect(page.locator(".drop-here")).to_be_hidden()


def map_columns(base: Locator) -> None:
    base.get_by_label("Template").select_option(label="page_reminder (en)", timeout=LONG)
    base.get_by_label("{{1}}").select_option("Paciente")
    base.get_by_label("{{2}}").select_option("Turno")
    base.get_by_role("button", name="Use these columns").click()
    expect(base).to_have_attribute("data-state", "ready", timeout=LONG)
    base.locator("details.preview > summary").press(
        "Enter"
    )  # that of the newest base alone is open by itself
    expect(base.locator(".bubble").first).to_have_text("Dear Ana 0: at 0.", timeout=LONG)


def try_out(base: Locator, phone: str) -> None:
    base.get_by_label("To a phone of yours").fill(phone)
    base.get_by_role("button", name="Test send").click()
    expect(base.locator(".tests .label")).to_have_text(
        re.compile("taken by Wavy|sent|delivered|read"), timeout=LONG
    )


@pytest.mark.parametrize(
    ("width", "height", "name", "first"),
    [
        pytest.param(1280, 900, "WideDialer", FIRST, id="wide"),
        pytest.param(390, 844, "PhoneDialer", FIRST + 500, id="phone"),
    ],
)
def test_an_operator_brings_a_base_from_the_drop_to_its_end_on_one_page(
    dialer: Dialers, wavy: Wavy, sign_in: SignIn, width: int, height: int, name: str, first: int
) -> None:
    page = sign_in("operator")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(dialer(name))
    left: list[str] = []
    page.on("framenavigated", lambda frame: left.append(frame.url))

    drop(
        page,
        ("turnos.csv", with_header(first)),
        ("foto.csv", "\x00\x01\x02"),
        ("dos.csv", plain(first + 200, 2)),
    )
    expect(page.locator("#uploads [data-state=refused]")).to_contain_text("foto.csv This file is not text.")
    base, two = card(page, "turnos.csv"), card(page, "dos.csv")
    map_columns(base)
    try_out(base, f"+{first + 900}")

    base.get_by_role("button", name="Start", exact=True).click()
    expect(base).to_have_attribute("data-state", "running")
    expect(page.locator("#dialer-head")).to_contain_text("done about", timeout=LONG)
    base.get_by_role("button", name="Pause").focus()
    base.get_by_role("button", name="Pause").press("Enter")
    expect(base).to_have_attribute("data-state", "paused")
    wavy.switch(unreadable=1, lost=1)  # no receipt tells either
    two.get_by_role("button", name="Start", exact=True).click()
    expect(two.locator(".unconfirmed")).to_contain_text("Unconfirmed 2", timeout=LONG)
    wavy.switch(unreadable=0, lost=0)
    two.get_by_role("button", name="Take as sent").first.click()
    expect(two.locator(".unconfirmed h4")).to_have_text("Unconfirmed 1")
    two.locator("summary").filter(has_text="All of them, to decide at once").click()
    two.get_by_role("button", name="Take 1 as sent").click()
    page.get_by_role("dialog").get_by_role("button", name="Take 1 as sent").click()
    expect(two.locator(".unconfirmed")).to_have_count(0)

    base.get_by_role("button", name=re.compile("Cancel the remaining")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Cancel the remaining")).click()
    expect(base).to_have_attribute("data-state", "cancelled")
    assert left == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_one_does_on_the_page_stays_while_it_refreshes(dialer: Dialers, sign_in: SignIn) -> None:
    page = sign_in("operator")
    page.goto(dialer("SteadyDialer"))
    drop(page, ("one.csv", plain(FIRST + 2000, 30)), ("two.csv", plain(FIRST + 2100, 30)))
    one, two = card(page, "one.csv"), card(page, "two.csv")
    expect(one).to_have_attribute("data-state", "ready", timeout=LONG)
    expect(two).to_have_attribute("data-state", "ready", timeout=LONG)
    one.get_by_role("button", name="Start", exact=True).click()
    expect(one).to_have_attribute("data-state", "running")
    one.locator("summary").filter(has_text="Funnel, and failures by reason").click()
    two.locator("details.preview > summary").click() if not two.locator(
        "details.preview[open]"
    ).count() else None
    typed = two.get_by_label("To a phone of yours")
    typed.press_sequentially("+598 99")
    before = one.locator("[data-unprocessed]").inner_text()
    expect(one.locator("[data-unprocessed]")).not_to_have_text(before, timeout=LONG)

    expect(typed).to_have_value("+598 99")
    expect(typed).to_be_focused()
    expect(one.locator("details.in-place[open]")).to_have_count(1)
    order = [shown.get_attribute("id") for shown in page.locator("article.base").all()]
    one.get_by_role("button", name=re.compile("Cancel")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Cancel")).click()
    expect(one).to_have_attribute("data-state", "cancelled")
    assert [shown.get_attribute("id") for shown in page.locator("article.base").all()] == order


def test_a_template_chosen_the_moment_the_form_appears_is_taken(dialer: Dialers, sign_in: SignIn) -> None:
    page = sign_in("operator")
    page.goto(dialer("QuickDialer"))
    page.evaluate(CHOOSE_AT_ONCE)
    drop(page, ("quick.csv", with_header(FIRST + 3500)))
    expect(card(page, "quick.csv").get_by_label("Number")).to_have_value("Celular", timeout=LONG)


def test_a_lost_connection_a_lame_server_and_an_ended_session_are_told(
    dialer: Dialers, sign_in: SignIn
) -> None:
    page = sign_in("operator")
    page.goto(dialer("LostDialer"))
    drop(page, ("lost.csv", plain(FIRST + 3000, 50)))
    base = card(page, "lost.csv")
    base.get_by_role("button", name="Start", exact=True).click(timeout=LONG)
    expect(base).to_have_attribute("data-state", "running")
    trouble = page.locator("#page-trouble")

    page.context.set_offline(True)
    expect(trouble).to_contain_text("No connection. The figures below are those of")
    page.context.set_offline(False)
    expect(trouble.locator("p:visible")).to_have_count(0)

    page.route("**/live/**", lambda route: route.fulfill(status=503, body="busy"))
    expect(trouble).to_contain_text("The server has trouble answering.")
    page.unroute("**/live/**")
    expect(trouble.locator("p:visible")).to_have_count(0)

    page.context.clear_cookies()
    expect(trouble).to_contain_text("You are signed out.")
    expect(base).to_have_attribute("data-state", "running")


def test_a_hidden_tab_asks_nothing_until_it_is_seen_again(dialer: Dialers, sign_in: SignIn) -> None:
    page = sign_in("operator")
    page.clock.install()
    page.goto(dialer("QuietDialer"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_response("**/live/**"):
        page.clock.run_for(31_000)
    page.evaluate("""() => Object.defineProperty(document, "hidden", { value: true, configurable: true })""")
    seen = len(asked)
    page.clock.run_for(300_000)
    assert len(asked) == seen

    with page.expect_request("**/live/**"):
        page.evaluate("""() => { Object.defineProperty(document, "hidden", { value: false, configurable: true });
            document.dispatchEvent(new Event("visibilitychange")) }""")


def test_leaving_while_a_file_is_on_its_way_is_asked_about(dialer: Dialers, sign_in: SignIn) -> None:
    page = sign_in("operator")
    page.goto(dialer("LeavingDialer"))
    leaves = "() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert page.evaluate(leaves) is True

    page.route("**/upload/", lambda route: None)  # never answered
    drop(page, ("slow.csv", plain(FIRST + 4000, 1)))
    expect(page.locator("#uploads [data-state=sending]")).to_contain_text("slow.csv")
    assert page.evaluate(leaves) is False
