"""The forms that help, in a real browser: week, RegExp, API type, tree of dispositions; nothing typed lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation


@pytest.fixture
def supervisor(sign_in: SignIn) -> Page:
    return sign_in("supervisor")


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell", name=name)


def drag(page: Page, start: Locator, end: Locator) -> None:
    """Draws with the mouse from one cell to another."""
    for place, button in ((start, page.mouse.down), (end, page.mouse.up)):
        box = place.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
        button()


def schedule(page: Page) -> str:
    return page.locator("#id_schedule").input_value()


def test_a_week_is_painted_by_mouse_and_by_keyboard(supervisor: Page, installation: Installation) -> None:
    page = supervisor
    page.goto(f"{installation.url}/admin/campaigns/campaign/add/#schedule")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Never open.")).to_be_visible()

    drag(page, cell(page, "Monday 09:00"), cell(page, "Friday 17:30"))
    assert schedule(page) == "mon,tue,wed,thu,fri;09:00-17:59"

    drag(page, cell(page, "Wednesday 12:00"), cell(page, "Wednesday 12:30"))
    assert schedule(page) == "mon,tue,thu,fri;09:00-17:59\nwed;09:00-11:59,13:00-17:59"

    cell(page, "Saturday 10:00").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert schedule(page).endswith("sat,sun;10:00-10:59")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowLeft")
    assert "sat" not in schedule(page)
    expect(page.get_by_text("Open 44 hours a week.")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "painted", "written"),
    [
        ("fri;22:00-05:59", "Monday 09:00", "mon;09:00-09:29\nfri;22:00-05:59"),
        ("mon;09:10-17:42", "Tuesday 00:00", "mon;09:10-17:42\ntue;00:00-00:29"),
        ("sun;23:00-00:59", "Monday 09:00", "mon;09:00-09:29\nsun;23:00-00:59"),
    ],
    ids=["past midnight", "to the minute", "from Sunday into Monday"],
)
def test_painting_keeps_what_the_text_says_elsewhere(
    supervisor: Page, installation: Installation, text: str, painted: str, written: str
) -> None:
    page = supervisor
    page.goto(f"{installation.url}/admin/campaigns/campaign/add/#schedule")
    page.get_by_text("As text, to the minute").click()
    page.locator("#id_schedule").fill(text)
    cell(page, painted).click()

    assert schedule(page) == written


def test_a_week_is_painted_by_finger_on_a_phone(supervisor: Page, installation: Installation) -> None:
    page = supervisor
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{installation.url}/admin/campaigns/legalhours/1/change/")
    page.get_by_role("button", name="Clear").click()
    drag(page, cell(page, "Tuesday 08:00"), cell(page, "Wednesday 09:30"))

    assert schedule(page) == "tue,wed;08:00-09:59"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_regexp_is_tried_while_it_is_typed(supervisor: Page, installation: Installation) -> None:
    page = supervisor
    page.goto(f"{installation.url}/admin/dialers/dialer/add/")
    chain, number = page.get_by_label("Dialing chain"), page.get_by_label("Try it on")
    number.fill("099 123 456")
    expect(page.locator("#id_dialing_chain_found")).to_contain_text("country code")
    page.get_by_label("Default country").select_option("UY")
    chain.fill("^598")
    expect(page.get_by_text("+598 99 123 456 is accepted (59899123456).")).to_be_visible()
    chain.fill("^55")
    expect(page.get_by_text("+598 99 123 456 is turned away (59899123456).")).to_be_visible()
    chain.fill("^59[8")
    expect(page.get_by_text("unterminated character set at position 3")).to_be_visible()


def test_the_api_type_shows_the_fields_that_it_needs(supervisor: Page, installation: Installation) -> None:
    page = supervisor
    page.goto(f"{installation.url}/admin/providers/provider/add/")
    namespace, number = page.get_by_label("SMSFrom"), page.locator(".field-number")
    expect(number).to_contain_text("WhatsApp → Account")

    page.get_by_label("API type").select_option("WavySMS")
    expect(namespace).to_be_hidden()
    expect(number).to_contain_text("short code")
    page.get_by_label("API type").select_option("WavyWhatsapp")
    expect(namespace).to_be_visible()


def grow_tree(page: Page) -> None:
    """Sale › New, Sale › Renewal › Phone, and one that is deleted again."""
    page.get_by_role("button", name="Add a disposition").click()
    page.keyboard.type("Sale")
    page.keyboard.press("Enter")
    page.keyboard.type("New")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("Renewal")
    page.keyboard.press("Enter")
    page.keyboard.type("Phone")
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type("Mistake")
    page.get_by_role("button", name="Delete", exact=True).last.click()


def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_is_still_there(
    supervisor: Page, installation: Installation
) -> None:
    page = supervisor
    page.goto(f"{installation.url}/admin/campaigns/campaign/add/")
    page.get_by_label("Name").first.fill("Forms that help")
    open_tab(page, "Schedule")
    page.get_by_role("button", name="Monday to Friday, 9 to 18").click()
    page.get_by_label("Find a city").fill("montev")
    open_tab(page, "Dispositions")
    grow_tree(page)
    open_tab(page, "Canned replies")
    page.get_by_text("Add another Canned reply").click()
    page.locator("#id_canned_replies-0-shortcut").fill("hello")
    page.locator("#id_canned_replies-0-text").fill("Hello {name}")
    expect(page.locator(".reply-bubble").first).to_have_text("Hello María José")
    open_tab(page, "Queue and thresholds")
    page.get_by_label("Threshold: amber").fill("60")
    page.get_by_label("Threshold: red").fill("30")
    open_tab(page, "General")
    page.get_by_role("button", name="Save and continue editing").click()

    wrong = page.locator(".field-waiting_red")
    expect(wrong).to_contain_text("Red comes after amber: enter more than 60 seconds, or 0.")
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Queue and thresholds")
    assert schedule(page) == "mon,tue,wed,thu,fri;09:00-17:59"
    open_tab(page, "Dispositions")
    names = page.get_by_role("textbox", name="Disposition", exact=True)
    assert [box.input_value() for box in names.all()] == ["Sale", "New", "Renewal", "Phone"]

    open_tab(page, "Queue and thresholds")
    page.get_by_label("Threshold: red").fill("90")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("successfully")).to_be_visible()
    (made,) = installation.get("campaigns/?name=Forms that help")["results"]
    assert (made["waiting_red"], made["time_zone"]) == (90, "America/Montevideo")
    open_tab(page, "Dispositions")
    depths = page.evaluate(
        "[...document.querySelectorAll('[data-roots] li')].map((one) => [one.querySelector('input').value,"
        " (one.parentElement.closest('li') ? 1 : 0)"
        " + (one.parentElement.closest('li')?.parentElement.closest('li') ? 1 : 0)])"
    )
    assert depths == [["Sale", 0], ["New", 1], ["Renewal", 1], ["Phone", 2]]
