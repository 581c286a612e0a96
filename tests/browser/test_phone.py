"""The page with the customers' phones, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.simulator.process import MARIA, ORIGIN, Simulator, running

BUTTONS = {
    "messageInteractiveType": "REPLY_BUTTON",
    "body": {"text": "Are you coming?"},
    "replyButtonAction": {"buttons": [{"reply": {"title": "I am coming", "payload": "yes"}}]},
}


@pytest.fixture(scope="module")
def phones() -> Iterator[Simulator]:
    with running() as started:
        yield started


@pytest.fixture
def simulator(phones: Simulator) -> Simulator:
    phones.ask("POST", "/control/reset", {"faults": True, "callbacks": True})
    return phones


@pytest.fixture
def page(window: Callable[[], Page]) -> Page:
    return window()


def chat_of(simulator: Simulator, number: str = MARIA) -> str:
    return f"{simulator.url}/phone/?number={number}&origin={ORIGIN}"


def said(simulator: Simulator) -> int:
    """How many messages of customers the simulator has called back or keeps."""
    incoming = simulator.counts()["incoming"]
    assert isinstance(incoming, int)
    return incoming


def test_a_message_appears_by_itself_and_is_answered(simulator: Simulator, page: Page) -> None:
    page.goto(f"{simulator.url}/phone/")
    simulator.send()
    simulator.flush()
    page.get_by_role("link", name=f"+{MARIA}").click()
    chat = page.get_by_role("log", name="Chat")
    expect(chat.get_by_text("Integra reports:")).to_be_visible()
    page.get_by_label("Message", exact=True).fill("Thank you")
    page.get_by_role("button", name="Send").click()
    expect(chat.get_by_text("Thank you")).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    expect(page.get_by_text("24 hours open")).to_be_visible()
    assert said(simulator) == 1


def test_the_dot_goes_when_the_chat_is_opened(simulator: Simulator, page: Page) -> None:
    simulator.send(MARIA, "5511910000002")
    simulator.flush()
    page.goto(f"{simulator.url}/phone/")
    expect(page.get_by_text("1 unread")).to_have_count(2)
    page.get_by_role("link", name=f"+{MARIA}").click()
    expect(page.get_by_text("1 unread")).to_have_count(1)
    page.reload()
    expect(page.get_by_text("1 unread")).to_have_count(1)


def test_a_customer_can_write_first(simulator: Simulator, page: Page) -> None:
    page.goto(f"{simulator.url}/phone/")
    page.get_by_label("Find or enter a number").fill("+55 (11) 98888-7777")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("A customer may write first.")).to_be_visible()
    page.get_by_role("button", name="Can I change the time?").click()
    expect(page.get_by_role("log", name="Chat").get_by_text("Can I change the time?")).to_be_visible()
    expect(page.get_by_role("link", name="+5511988887777")).to_be_visible()


def test_a_button_of_a_message_answers_that_message(simulator: Simulator, page: Page) -> None:
    simulator.ask("PUT", "/control/window", {"number": MARIA})
    simulator.send(message={"interactive": BUTTONS})
    simulator.flush()
    page.goto(chat_of(simulator))
    page.get_by_role("button", name="I am coming").click()
    expect(page.locator(".bubble.mine").get_by_text("I am coming")).to_be_visible()


def test_the_chat_fits_a_telephone(simulator: Simulator, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    simulator.send()
    simulator.flush()
    page.goto(chat_of(simulator))
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="All phones").click()
    expect(page.get_by_role("link", name=f"+{MARIA}")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send")).to_be_hidden()


def test_a_switch_on_the_page_is_a_switch(simulator: Simulator, page: Page) -> None:
    page.goto(f"{simulator.url}/phone/")
    page.get_by_text("Faults").click()
    page.get_by_label("Latency").fill("120")
    page.get_by_label("Latency").press("Tab")
    page.get_by_label("Error answers: 420").fill("25")
    page.get_by_label("Error answers: 420").press("Tab")
    page.get_by_label("No callbacks").check()
    expect(page.get_by_text("3 changed")).to_be_visible()
    faults = simulator.ask("GET", "/control/faults")
    assert (faults["latency_ms"], faults["answers"], faults["callbacks_off"]) == (120, {"420": 0.25}, True)
    page.get_by_role("button", name="All well").click()
    expect(page.get_by_text("all well", exact=True)).to_be_visible()
    assert simulator.ask("GET", "/control/faults")["latency_ms"] == 0


def test_a_wrong_value_is_told_on_the_page(simulator: Simulator, page: Page) -> None:
    page.goto(f"{simulator.url}/phone/")
    page.get_by_text("Faults").click()
    page.get_by_label("Shortest step").fill("5000")
    page.get_by_label("Shortest step").press("Tab")
    expect(page.get_by_role("alert").filter(has_text="stage_min_ms must not be more than")).to_be_visible()
    assert simulator.ask("GET", "/control/faults")["stage_min_ms"] == 50
