"""The members page in a real browser: two campaigns at once, by mouse and by keyboard, on a phone too."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import SignIn
from tools.installation import Installation

NAMES = ("Members North", "Members South")


@pytest.fixture(scope="module")
def campaigns(installation: Installation) -> list[int]:
    """Two campaigns of the demo's provider; agent1 is in the first one only."""
    (provider,) = installation.get("providers/?name=Wavy")["results"]
    made = [
        installation.done("POST", "campaigns/", json={"name": name, "provider": provider["id"]})["id"]
        for name in NAMES
    ]
    agents = {row["agent_username"]: row["agent"] for row in installation.get("members/")["results"]}
    installation.done("POST", "members/", json={"campaign": made[0], "agent": agents["agent1"]})
    return made


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def members_of(installation: Installation, campaign: int) -> dict[str, int]:
    rows = installation.get(f"members/?campaign={campaign}")["results"]
    return {row["agent_username"]: row["penalty"] for row in rows}


def test_members_of_two_campaigns_at_once(
    sign_in: SignIn, installation: Installation, campaigns: list[int]
) -> None:
    page = sign_in("supervisor")
    page.goto(f"{installation.url}/admin/campaigns/campaign/{campaigns[0]}/change/")
    page.get_by_role("tab", name="Members").click()
    page.get_by_role("link", name="Members side by side").click()
    members, agents = column(page, "Members"), column(page, "Agents")
    expect(members.get_by_role("checkbox", name="agent1")).to_be_visible()
    expect(agents.get_by_role("checkbox", name="agent1")).to_have_count(0)

    column(page, "Campaigns").get_by_role("checkbox", name=NAMES[1]).check()
    expect(members).to_contain_text("in 1 of 2")
    expect(agents.get_by_role("checkbox", name="agent1")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"\?c={campaigns[0]}&c={campaigns[1]}$"))

    agents.get_by_role("checkbox", name="agent1").check()
    agents.get_by_role("checkbox", name="agent2").check()
    agents.get_by_role("button", name="Add (2)").click()
    expect(page.get_by_role("status").filter(has_text="3 memberships were added.")).to_be_visible()
    expect(members).not_to_contain_text("in 1 of 2")
    expect(agents.get_by_role("checkbox", name="agent2")).to_have_count(0)
    expect(agents.get_by_role("checkbox", name="agent3")).to_be_visible()

    penalty = members.get_by_label("Penalty of agent2")
    penalty.fill("101")
    penalty.press("Enter")
    expect(members.get_by_role("alert")).to_have_text("Give a whole number from 0 to 100.")
    expect(penalty).to_have_value("101")
    penalty.fill("35")
    penalty.press("Tab")
    expect(members.get_by_text("saved")).to_be_visible()
    for campaign in campaigns:
        assert members_of(installation, campaign) == {"agent1": 0, "agent2": 35}

    members.get_by_role("checkbox", name="agent1").check()
    members.get_by_role("button", name="Remove (1)").click()
    expect(page.get_by_role("status").filter(has_text="2 memberships were removed.")).to_be_visible()
    for campaign in campaigns:
        assert members_of(installation, campaign) == {"agent2": 35}


def test_who_is_chosen_while_the_lists_are_on_their_way_stays_chosen(
    sign_in: SignIn, installation: Installation, campaigns: list[int]
) -> None:
    page = sign_in("supervisor")
    page.goto(f"{installation.url}/admin/campaigns/member/?c={campaigns[0]}")
    held: list[Route] = []
    page.route("**/lists/**", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/lists/**"):
        column(page, "Campaigns").get_by_role("checkbox", name=NAMES[1]).check()
    column(page, "Agents").get_by_role("checkbox", name="agent3").check()
    with page.expect_response("**/lists/**"):
        held[0].continue_()
    expect(page).to_have_url(re.compile(rf"\?c={campaigns[0]}&c={campaigns[1]}$"))
    expect(column(page, "Agents").get_by_role("checkbox", name="agent3")).to_be_checked()
    expect(column(page, "Agents").get_by_role("button", name="Add (1)")).to_be_enabled()


def test_the_members_page_by_keyboard_on_a_phone(
    sign_in: SignIn, installation: Installation, campaigns: list[int]
) -> None:
    page = sign_in("supervisor")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{installation.url}/admin/campaigns/member/")
    search = page.get_by_label("Search campaigns")
    search.focus()
    page.keyboard.type("members south")
    expect(column(page, "Campaigns").get_by_role("checkbox")).to_have_count(1)
    expect(search).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(column(page, "Campaigns").get_by_role("checkbox", name=NAMES[1])).to_be_checked()
    expect(column(page, "Campaigns").get_by_role("checkbox", name=NAMES[1])).to_be_focused()
    expect(column(page, "Agents").get_by_role("checkbox", name="agent3")).to_be_visible()

    column(page, "Agents").get_by_role("checkbox", name="agent3").press("Space")
    column(page, "Agents").get_by_role("button", name="Add (1)").press("Enter")
    expect(column(page, "Members").get_by_role("checkbox", name="agent3")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
