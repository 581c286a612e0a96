"""The content security policy in a real browser: no page of the product asks for what it forbids."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tools.installation import Installation

SignIn = Callable[[str], Page]
ADMIN_PAGES = (
    "/admin/",
    "/admin/providers/provider/",
    "/admin/providers/provider/1/change/",
    "/admin/providers/template/add/",
    "/admin/campaigns/campaign/",
    "/admin/campaigns/campaign/1/change/",
    "/admin/dialers/dialer/",
    "/admin/dialers/dialer/1/change/",
    "/admin/accounts/user/",
    "/admin/providers/message/",
)


def complaints(page: Page) -> list[str]:
    """What the browser's console says of errors and violations from now on."""
    said: list[str] = []
    page.on("console", lambda line: said.append(f"{page.url}: {line.text}") if line.type == "error" else None)
    return said


def walk(page: Page, installation: Installation, addresses: tuple[str, ...]) -> list[int]:
    statuses = []
    for address in addresses:
        answer = page.goto(f"{installation.url}{address}", wait_until="load")
        assert answer is not None
        statuses.append(answer.status)
        page.wait_for_function("document.readyState === 'complete'")
    return statuses


@pytest.mark.parametrize(
    ("username", "addresses"),
    [
        pytest.param("supervisor", ADMIN_PAGES, id="the admin"),
        pytest.param("supervisor", ("/", "/board/"), id="the start page and the board"),
        pytest.param("agent1", ("/", "/desk/"), id="the desk"),
    ],
)
def test_no_page_asks_for_what_its_policy_forbids(
    sign_in: SignIn, installation: Installation, username: str, addresses: tuple[str, ...]
) -> None:
    page = sign_in(username)
    said = complaints(page)
    statuses = walk(page, installation, addresses)
    assert (said, set(statuses)) == ([], {200})


def test_the_pages_of_the_api_work_under_their_policy(sign_in: SignIn, installation: Installation) -> None:
    page = sign_in("supervisor")
    said = complaints(page)
    page.goto(f"{installation.url}/api/docs/")
    page.get_by_text("/api/v1/dialers/", exact=True).first.wait_for()
    assert said == []


def test_the_sign_in_page_asks_for_nothing_that_is_forbidden(
    window: Callable[[], Page], installation: Installation
) -> None:
    page = window()
    said = complaints(page)
    assert (walk(page, installation, ("/login/",)), said) == ([200], [])


def test_a_script_that_was_smuggled_into_a_page_does_not_run(
    sign_in: SignIn, installation: Installation
) -> None:
    page = sign_in("agent1")
    said = complaints(page)
    page.goto(f"{installation.url}/desk/")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    )
    assert page.evaluate("window.ran") is None
    assert any("Content Security Policy" in line for line in said)
