"""What an operator does meanwhile, through the API, as often as it takes until it answers."""

import random
import time
from typing import Any

import requests

from tools.chaos.plan import Act, Plan
from tools.installation import Installation
from tools.waiting import TooLateError

PATIENCE_SECONDS = 90.0
AT_MOST = 5  # decisions an act


class Operator:
    """One with a token; remembers which messages were decided upon."""

    def __init__(self, installation: Installation, plan: Plan, bases: list[int]) -> None:
        self.installation = installation
        self.bases = bases
        self.dice = random.Random(plan.seed)
        self.sent_again: set[int] = set()
        self.taken_as_sent: set[int] = set()
        self.done: list[str] = []

    def act(self, planned: Act) -> None:
        """Does one thing and notes it."""
        base = self.bases[planned.piece]
        if planned.kind == "pause":
            self.call("POST", f"bases/{base}/pause/")
            time.sleep(self.dice.uniform(0.5, 2))
            self.call("POST", f"bases/{base}/start/")
        elif planned.kind == "cancel":
            self.call("POST", f"bases/{base}/cancel/")
        elif planned.kind == "send again":
            self.decide("send-again", self.sent_again)
        else:
            self.decide("take-as-sent", self.taken_as_sent)
        self.done.append(planned.kind)

    def decide(self, verb: str, noted: set[int]) -> None:
        """Decides upon a few of the unconfirmed messages of all bases. One that is none any more is left alone."""
        listed = [one["id"] for base in self.bases for one in self.uncertain(base)]
        for key in self.dice.sample(listed, min(AT_MOST, len(listed))):
            noted.add(key)
            self.call("POST", f"messages/{key}/{verb}/")

    def uncertain(self, base: int) -> list[dict[str, Any]]:
        """The unconfirmed messages of a base, the first hundred."""
        listed: list[dict[str, Any]] = self.call("GET", f"bases/{base}/uncertain/").json()["results"]
        return listed

    def call(self, method: str, path: str) -> requests.Response:
        """An answer below 500; a refusal (409) is one. Raises TooLateError when none comes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self.installation.api(method, path, "operator")
                if answer.status_code < 500:
                    return answer
                said = f"{answer.status_code}"
            except requests.RequestException as error:
                said = type(error).__name__
            if time.monotonic() > deadline:
                raise TooLateError(f"{method} {path}: {said} for {PATIENCE_SECONDS} s")
            time.sleep(0.3)
