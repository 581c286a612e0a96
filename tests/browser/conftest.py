"""A real Chromium in front of a whole installation, with an imitation of Wavy and its customers' phones."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.installation import Installation
from tools.wavy import Wavy

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SignIn = Callable[[str], Page]


@pytest.fixture(scope="package")
def wavy() -> Iterator[Wavy]:
    imitation = Wavy()
    yield imitation
    imitation.stop()


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory, wavy: Wavy) -> Iterator[Installation]:
    whole = Installation(tmp_path_factory.mktemp("browser") / "var", wavy)
    whole.start()
    yield whole
    whole.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own; without either the test fails."""
    expect.set_options(timeout=15_000)
    system = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens windows that share no cookie, in English or the `locale` asked for; a script that fails fails the test."""
    errors: list[str] = []
    contexts = []

    def open_window(locale: str = "en-GB") -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error.stack or error}"))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def sign_in(window: Callable[[], Page], installation: Installation) -> SignIn:
    """A window of somebody of the demo, signed in at the start page."""

    def enter(username: str) -> Page:
        page = window()
        page.goto(f"{installation.url}/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("wavy-demo")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        return page

    return enter


@pytest.fixture
def base_file(tmp_path: Path) -> Callable[[str, list[str]], Path]:
    """Writes a base file and returns its path."""

    def write(name: str, lines: list[str]) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write
