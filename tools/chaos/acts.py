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
        self.cancelled: set[int] = set()
        self.done: list[str] = []

    def act(self, planned: Act) -> str:
        """Does one thing; notes, and returns, what it was and how it was answered."""
        if planned.kind == "pause":
            base = self.bases[planned.piece]
            answer = self.call("POST", f"bases/{base}/pause/")
            time.sleep(self.dice.uniform(0.5, 2))
            self.call("POST", f"bases/{base}/start/")
            said = f"pause base {base}: {answer.status_code}"
        elif planned.kind == "cancel":
            said = self.cancel()
        elif planned.kind == "send again":
            said = f"send again: {self.decide('send-again', self.sent_again)}"
        else:
            said = f"take as sent: {self.decide('take-as-sent', self.taken_as_sent)}"
        self.done.append(said)
        return said

    def cancel(self) -> str:
        """Cancels the running base that has the least left, so that most of the run goes on."""
        shown = [self.call("GET", f"bases/{base}/").json() for base in self.bases]
        running = [base for base in shown if base["state"] == "running" and base["tally"]["pending"]]
        if not running:
            return "cancel: no base had anything left"
        least = min(running, key=lambda base: int(base["tally"]["pending"]))
        self.cancelled.add(least["id"])
        answer = self.call("POST", f"bases/{least['id']}/cancel/")
        return f"cancel base {least['id']} with {least['tally']['pending']} left: {answer.status_code}"

    def decide(self, verb: str, noted: set[int]) -> int:
        """Decides upon a few of the unconfirmed messages of all bases; returns how many were still unconfirmed."""
        listed = [one["id"] for base in self.bases for one in self.uncertain(base)]
        decided = 0
        for key in self.dice.sample(listed, min(AT_MOST, len(listed))):
            noted.add(key)
            decided += self.call("POST", f"messages/{key}/{verb}/").ok
        return decided

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
