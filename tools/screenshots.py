"""The screenshots of the documentation: a whole installation after a morning's work, each main page, light and dark.

`python -m tools.screenshots docs/screenshots` writes small JPEGs; `tests/browser` needs none of them.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tools.installation import PASSWORD, Installation
from tools.waiting import eventually
from tools.wavy import Wavy
from ucontact_wavy.boot import BASE_DIR

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
WIDE, PHONE = (1280, 800), (390, 780)
QUALITY = 62
OURS = "5511900000001"
WORDS = (
    "Hello! May I come at three instead?",
    "Thank you",
    "Where do I park?",
    "Yes, I will be there",
    "Who is this?",
)


def main() -> None:
    """Writes every screenshot into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with _installation() as (whole, wavy), _chromium() as chromium:
        _morning(whole, wavy)
        paths = _pages(whole)
        for scheme in ("light", "dark"):
            for name, (user, path, size) in paths.items():
                _shoot(chromium, whole.url, folder / f"{name}-{scheme}.jpg", (user, path), size, scheme)


@contextmanager
def _installation() -> Iterator[tuple[Installation, Wavy]]:
    folder = Path(tempfile.mkdtemp(prefix="screenshots-"))
    wavy = Wavy()
    whole = Installation(folder / "var", wavy)
    try:
        whole.start()
        yield whole, wavy
    finally:
        whole.stop()
        wavy.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _chromium() -> Iterator[Browser]:
    system = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system, args=ARGUMENTS)
        yield browser
        browser.close()


def _morning(whole: Installation, wavy: Wavy) -> None:
    """A base that was sent, customers who answered, agents who answered them, a base that is ready."""
    whole.connect(wavy)
    lines = (BASE_DIR / "docs/examples/base-100.csv").read_text().splitlines()
    sent = whole.upload(lines)
    whole.done("POST", f"bases/{sent}/start/", "operator")
    eventually(lambda: whole.get(f"bases/{sent}/")["state"] == "finished", 60, "the base is sent")
    for line, words in zip(lines[:12], WORDS * 3, strict=False):
        wavy.tell("POST", "/control/say", source=line.split(";")[1], origin=OURS, text=words)
    eventually(lambda: whole.get("sessions/")["count"] >= 12, 60, "the answers are routed")
    waiting = whole.get("sessions/?state=waiting")["results"]
    for n, session in enumerate(waiting[:7]):
        agent = f"agent{n % 2 + 1}"
        text = {"text": "Of course. We changed it to 15:00."}
        whole.done("POST", f"sessions/{session['id']}/messages/", agent, json=text)
    for session in waiting[:2]:
        whole.done("POST", f"sessions/{session['id']}/close/", "supervisor")
    whole.upload([*lines[:40], "WavyDialer;12;hsm:chatclub_open_session_v2:one;9999"])


def _pages(whole: Installation) -> dict[str, tuple[str, str, tuple[int, int]]]:
    """By name: who looks, where, in which size."""
    (dialer,) = whole.get("dialers/?name=WavyDialer")["results"]
    (campaign,) = whole.get("campaigns/?name=WhatsApp")["results"]
    (provider,) = whole.get("providers/?name=Wavy")["results"]
    mine = whole.get("sessions/?state=active", "agent1")["results"][0]
    base = whole.get(f"sessions/{mine['id']}/")
    return {
        "start": ("supervisor", "/admin/", WIDE),
        "provider": ("supervisor", f"/admin/providers/provider/{provider['id']}/change/", WIDE),
        "campaign": ("supervisor", f"/admin/campaigns/campaign/{campaign['id']}/change/", WIDE),
        "members": ("supervisor", "/admin/campaigns/member/", WIDE),
        "dialer": ("operator", f"/admin/dialers/dialer/{dialer['id']}/change/", WIDE),
        "dialer-phone": ("operator", f"/admin/dialers/dialer/{dialer['id']}/change/", PHONE),
        "story": ("supervisor", f"/admin/story/{base['contact']}/", WIDE),
        "board": ("supervisor", "/board/", WIDE),
        "level": ("supervisor", "/board/level/", WIDE),
        "board-campaign": ("supervisor", f"/board/{campaign['id']}/", WIDE),
        "desk": ("agent1", f"/desk/{mine['id']}/", WIDE),
        "desk-phone": ("agent1", f"/desk/{mine['id']}/", PHONE),
        "audit": ("supervisor", "/admin/accounts/entry/", WIDE),
    }


def _shoot(
    chromium: Browser,
    url: str,
    to: Path,
    what: tuple[str, str],
    size: tuple[int, int],
    scheme: str,
) -> None:
    user, path = what
    context = chromium.new_context(
        viewport=ViewportSize(width=size[0], height=size[1]),
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
    )
    page = context.new_page()
    _sign_in(page, url, user)
    page.goto(url + path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(700)  # fonts, charts
    page.screenshot(path=to, type="jpeg", quality=QUALITY)
    context.close()


def _sign_in(page: Page, url: str, user: str) -> None:
    page.goto(f"{url}/login/")
    page.get_by_label("Username").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


if __name__ == "__main__":
    main()
