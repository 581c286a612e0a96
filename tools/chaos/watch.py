"""Looks at the installation all the time, as people do: does it answer, and does it add up."""

import re
import threading
import time
from typing import Any

import requests

from tools.installation import PASSWORD, Installation

LOOK_SECONDS = 0.5
STATES_BESIDE = ("replied",)


class Watch(threading.Thread):
    """Notes what is wrong in `wrong`, and the longest time without an answer in `longest_outage` (seconds)."""

    def __init__(self, installation: Installation, bases: list[int]) -> None:
        super().__init__(name="watch", daemon=True)
        self.installation = installation
        self.bases = bases
        self.ending = threading.Event()
        self.wrong: list[str] = []
        self.looks = 0
        self.longest_outage = 0.0
        self.last_answer = time.monotonic()
        self.browser = requests.Session()

    def sign_in(self) -> None:
        """In a browser of one's own, as the supervisor of the demo."""
        page = self.browser.get(f"{self.installation.url}/login/", timeout=30).text
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        self.browser.post(
            f"{self.installation.url}/login/",
            data={
                "csrfmiddlewaretoken": found[1] if found else "",
                "username": "supervisor",
                "password": PASSWORD,
            },
            headers={"Referer": f"{self.installation.url}/login/"},
            timeout=30,
        )

    def signed_in(self) -> bool:
        """Whether the start page still knows who is there. Raises requests.RequestException."""
        page = self.browser.get(f"{self.installation.url}/admin/", timeout=30, allow_redirects=False)
        page.raise_for_status()
        return page.status_code == 200

    def run(self) -> None:
        while not self.ending.wait(LOOK_SECONDS):
            try:
                self.look(self.bases[self.looks % len(self.bases)])
            except requests.RequestException:
                continue
            finally:
                self.longest_outage = max(self.longest_outage, time.monotonic() - self.last_answer)

    def look(self, base: int) -> None:
        """One base's figures, and the page of somebody who signed in before all this began."""
        answer = self.installation.api("GET", f"bases/{base}/")
        answer.raise_for_status()
        self.wrong += imbalance(answer.json())
        if not self.signed_in():
            self.wrong.append("somebody was signed out")
        self.looks += 1
        self.longest_outage = max(self.longest_outage, time.monotonic() - self.last_answer)
        self.last_answer = time.monotonic()

    def end(self) -> None:
        self.ending.set()
        self.join(60)


def imbalance(base: dict[str, Any]) -> list[str]:
    """What does not add up in a base as the API shows it."""
    states = sum(n for key, n in base["tally"].items() if key not in STATES_BESIDE)
    found = []
    if states != base["valid"]:
        found.append(f"base {base['id']}: the states add up to {states}, valid are {base['valid']}")
    if base["valid"] + base["invalid"] != base["lines"]:
        found.append(f"base {base['id']}: {base['valid']} + {base['invalid']} of {base['lines']} lines")
    if any(n < 0 for n in base["tally"].values()):
        found.append(f"base {base['id']}: a negative count in {base['tally']}")
    return found
