"""SMS from end to end: a base, bulk requests, statuses, a customer's reply, and the agent's answer at the desk."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from providers.segments import BASIC, EXTENSION, segments
from tests.browser.conftest import SignIn
from tools.installation import Installation
from tools.waiting import eventually
from tools.wavy import Wavy

SHORT_CODE = "28149"
# What the page counts as it is typed must be what the import counts.
TEXTS = [
    *("Hello", "a" * 160, "a" * 161, "a" * 1280, "two\nlines", "€" * 81, "a" * 152 + "[" + "a" * 10),
    *("It’s", "ã" * 70, "ã" * 71, "🎉" * 35, "🎉" * 36, "a" * 133 + "ç", "a" * 134 + "ç"),
    *(BASIC.strip(), "x" + EXTENSION[1:] + "x"),
]
PEOPLE = [f"55119100001{n:02}" for n in range(12)]


@pytest.fixture
def dialer(installation: Installation, wavy: Wavy) -> int:
    """A provider, a campaign with its short code and an agent, a dialer; Wavy calls back to the provider."""

    def make(kind: str, **fields: Any) -> int:
        return int(installation.done("POST", f"{kind}/", json=fields)["id"])

    provider = make(
        "providers", name="SMS", api_type="WavySMS", number=SHORT_CODE, username="sms", password="sms-token",
        recipients_per_request=5,
    )  # fmt: skip
    campaign = make("campaigns", name="SMS replies", provider=provider, dids=[SHORT_CODE])
    agents = {one["agent"] for one in installation.get("members/")["results"]}
    for agent in agents:
        make("members", campaign=campaign, agent=agent)
    key = make(
        "dialers", name="SmsDialer", provider=provider, campaign=campaign, dialing_chain=".", enabled=True
    )
    wavy.tell("PUT", "/control/accounts", accounts={"sms": SHORT_CODE})
    urls = installation.get(f"providers/{provider}/")
    wavy.tell(
        "PUT",
        "/control/callbacks",
        origin=SHORT_CODE,
        message_url=urls["message_callback_url"],
        status_url=urls["status_callback_url"],
        report_url=urls["status_callback_url"],
    )
    return key


def tally(installation: Installation, base: int) -> dict[str, int]:
    counts: dict[str, int] = installation.get(f"bases/{base}/")["tally"]
    return {key: n for key, n in counts.items() if n}


def test_a_base_goes_out_by_sms_and_a_reply_is_answered_at_the_desk(
    installation: Installation, wavy: Wavy, dialer: int, sign_in: SignIn
) -> None:
    lines = [f"SmsDialer;{number};Olá {n}, confirma?;9999" for n, number in enumerate(PEOPLE)]
    base = installation.upload([*lines, "SmsDialer;5511910000199;hsm:welcome;9999"], "SmsDialer")
    shown = installation.get(f"bases/{base}/")
    assert (shown["valid"], shown["invalid"], shown["segments"]["total"]) == (12, 1, 12)

    installation.done("POST", f"bases/{base}/start/", "operator")
    eventually(
        lambda: tally(installation, base) == {"delivered": 12}, 60, "all are delivered, each by its own text"
    )
    received = wavy.ask(f"/control/received?number={PEOPLE[3]}&origin={SHORT_CODE}")["messages"]
    assert [one["text"] for one in received] == ["Olá 3, confirma?"]

    wavy.tell(
        "POST", "/control/say", source=PEOPLE[3], origin=SHORT_CODE, channel="sms", text="Sim, confirmo"
    )
    eventually(lambda: tally(installation, base).get("replied") == 1, 30, "the reply counts for its row")
    eventually(lambda: session_with(installation, PEOPLE[3]), 30, "an interaction opens")
    session = session_with(installation, PEOPLE[3])
    assert session["window_expires_at"] is None

    answer_at_the_desk(sign_in("supervisor"), f"{installation.url}/desk/{session['id']}/")
    eventually(lambda: texts_of(wavy, PEOPLE[3])[-1] == "Obrigado, até amanhã!", 30, "the answer arrives")


def session_with(installation: Installation, number: str) -> Any:
    listed = installation.get("sessions/")["results"]
    return next((one for one in listed if one["contact"] == number), None)


def answer_at_the_desk(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_role("log")).to_contain_text("Olá 3, confirma?")
    expect(page.get_by_role("log")).to_contain_text("Sim, confirmo")
    expect(page.get_by_text("24-hour session")).to_have_count(0)
    for text in TEXTS:
        page.get_by_label("Message").fill(text)
        assert page.locator("#segments").inner_text() == counted(text)
    page.get_by_label("Message").fill("Obrigado, até amanhã!")
    expect(page.get_by_text("1 SMS · 21 of 70 · UCS-2 because of “ã”")).to_be_visible()
    page.get_by_label("Message").press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Obrigado, até amanhã!")


def counted(text: str) -> str:
    """What the page says of a text, by the count that the base was loaded with."""
    found = segments(text)
    words = f"{found.count} SMS · {found.used} of {found.room}"
    return f"{words} · UCS-2 because of “{found.forced_by}”" if found.ucs2 else words


def texts_of(wavy: Wavy, number: str) -> list[str]:
    found = wavy.ask(f"/control/received?number={number}&origin={SHORT_CODE}")["messages"]
    return [one["text"] for one in found]
