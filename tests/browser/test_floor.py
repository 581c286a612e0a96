"""The floor of a contact centre at once: a customer's phone, two agents at their desks, a supervisor at the board."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.wavy import Wavy

NUMBER, CUSTOMER = "5511900000088", "5511977770088"


@pytest.fixture
def campaign(installation: Installation, wavy: Wavy) -> int:
    """Two agents, one number of ours, a transfer that returns after three seconds, a disposition asked for."""
    provider = installation.done(
        "POST",
        "providers/",
        json={
            "name": "Floor",
            "api_type": "WavyWhatsapp",
            "number": NUMBER,
            "username": "floor",
            "password": "s",
        },
    )
    wavy.tell("PUT", "/control/accounts", accounts={"floor": NUMBER})
    urls = {kind: provider[f"{kind}_callback_url"] for kind in ("message", "status")}
    wavy.tell(
        "PUT", "/control/callbacks", origin=NUMBER, message_url=urls["message"], status_url=urls["status"]
    )
    made = installation.done(
        "POST",
        "campaigns/",
        json={
            "name": "Floor",
            "provider": provider["id"],
            "dids": [NUMBER],
            "strategy": "ringallmultiple",
            "max_transfer_time": 3,
            "disposition_modal": True,
        },
    )
    people = installation.get("members/")["results"]
    agents = {one["agent_username"]: one["agent"] for one in people}
    for name in ("agent1", "agent2"):
        installation.done("POST", "members/", json={"campaign": made["id"], "agent": agents[name]})
    return int(made["id"])


def add_disposition(supervisor: Page, installation: Installation, campaign: int) -> None:
    supervisor.goto(f"{installation.url}/admin/campaigns/campaign/{campaign}/change/")
    supervisor.get_by_role("tab", name=re.compile("^Dispositions")).click()
    supervisor.get_by_role("button", name="Add a disposition").click()
    supervisor.keyboard.type("Rescheduled")
    supervisor.get_by_role("button", name="Save", exact=True).click()
    expect(supervisor.get_by_text("successfully")).to_be_visible()


def line(page: Page) -> Locator:
    """The customer's line among what waits at a desk; the name is the phone's."""
    page.get_by_role("tab", name=re.compile("^Pending")).click()
    return page.get_by_role("link", name="can I come later?").first


def says(page: Page, text: str) -> None:
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send").click()


def answers(desk: Page, text: str) -> None:
    desk.get_by_label("Message", exact=True).fill(text)
    desk.get_by_label("Message", exact=True).press("Enter")
    expect(desk.get_by_role("log")).to_contain_text(text)


def transfer(desk: Page, note: str) -> None:
    desk.get_by_role("button", name="Transfer", exact=True).click()
    desk.get_by_role("dialog").get_by_text("Agent2").click()
    desk.get_by_label("Note for whoever takes it").fill(note)
    desk.get_by_role("dialog").get_by_role("button", name="Transfer", exact=True).click()
    expect(desk.get_by_text("was transferred to Agent2.")).to_be_visible()


def test_a_customer_two_agents_and_a_supervisor_at_once(
    installation: Installation,
    wavy: Wavy,
    campaign: int,
    sign_in: SignIn,
    window: Callable[[], Page],
) -> None:
    ana, bea, supervisor, phone = sign_in("agent1"), sign_in("agent2"), sign_in("supervisor"), window()
    add_disposition(supervisor, installation, campaign)
    phone.goto(f"{wavy.url}/phone/?number={CUSTOMER}&origin={NUMBER}")
    chat = phone.get_by_role("log", name="Chat")
    supervisor.goto(f"{installation.url}/board/{campaign}/")

    says(phone, "Hello, can I come later?")
    line(bea).wait_for()
    line(ana).click()
    ana.get_by_role("button", name="Take", exact=True).click()
    answers(ana, "Of course. When?")
    expect(chat.get_by_text("Of course. When?")).to_be_visible()
    expect(ana.get_by_role("log").get_by_text("read").last).to_be_visible()  # the phone has shown it

    transfer(ana, "Wants Tuesday")  # nobody takes it
    back = ana.get_by_role("status").get_by_text("Agent2 did not answer.")
    back.click()
    expect(ana.get_by_role("log")).to_contain_text("It came back: Agent2 did not answer")

    transfer(ana, "Please, Bea")
    bea.get_by_role("link", name="Agent1 passes").first.click()
    expect(bea.get_by_role("log")).to_contain_text("Please, Bea")
    bea.get_by_role("button", name="Take", exact=True).click()
    says(phone, "Tuesday at ten")
    expect(bea.get_by_role("log")).to_contain_text("Tuesday at ten")
    answers(bea, "Tuesday at ten it is")
    expect(chat.get_by_text("Tuesday at ten it is")).to_be_visible()

    supervisor.get_by_role("link", name="Watch").click()
    expect(supervisor.get_by_role("log")).to_contain_text("Please, Bea")
    supervisor.get_by_role("button", name="Take over").click()
    expect(supervisor.get_by_role("log")).to_contain_text("Supervisor took it over from Agent2")
    expect(bea.get_by_text("Supervisor has taken this interaction.")).to_be_visible()

    supervisor.get_by_role("button", name="Close", exact=True).click()
    dialog = supervisor.get_by_role("dialog")
    dialog.get_by_role("radio", name="Rescheduled").check()
    dialog.get_by_label("Comment").fill("Tuesday at ten")
    dialog.get_by_role("button", name="Close the interaction").click()
    expect(supervisor.get_by_text("is closed.")).to_be_visible()
    level = installation.get(f"campaigns/{campaign}/service-level/")
    assert (level["offered"], level["answered"], level["sl1"], level["sl2"]) == (1, 1, 1.0, 1.0)
