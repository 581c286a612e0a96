"""What is known at the end of a run: from the simulator's own counts, and from the rows of the database."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import psycopg

from providers.states import State
from tools.wavy import Wavy

SKIPPED = 2

MESSAGES = """
SELECT id, address, content, state, error, correlation_id::text, sent_again_as_id IS NOT NULL,
       decided_by_id IS NOT NULL, uncertain_at IS NOT NULL, batch
FROM providers_message WHERE direction = 1
"""
ROWS = """
SELECT r.base_id, r.line, r.address, r.content, r.state, r.message_id
FROM dialers_row AS r WHERE r.base_id = ANY(%s)
"""
INBOX = """
SELECT count(*), count(*) FILTER (WHERE state = 0) FROM providers_callback
"""


class Key(NamedTuple):
    """One (number, content): no two rows of a run have the same."""

    number: str
    content: str


@dataclass(frozen=True, slots=True)
class Sent:
    """An outgoing message of the ledger."""

    id: int
    key: Key
    state: State
    error: str
    correlation: str
    sent_again: bool
    decided: bool
    was_uncertain: bool
    batch: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """A valid line of a base; `message` is None while none was made of it, or none will be."""

    base: int
    line: int
    key: Key
    skipped: bool
    message: int | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides. `taken` and `correlations` are what the simulator took, however it answered."""

    lines: list[Line]
    messages: dict[int, Sent]
    bases: list[dict[str, Any]]
    stored_callbacks: int
    waiting_callbacks: int
    taken: dict[Key, int]
    correlations: dict[str, int]
    counts: dict[str, Any] = field(repr=False)

    def recount(self, base: int) -> dict[str, int]:
        """The rows of a base by state, counted one by one."""
        states: Counter[str] = Counter()
        for line in self.lines:
            if line.base == base:
                states[self.state_of(line)] += 1
        return dict(states)

    def state_of(self, line: Line) -> str:
        if line.skipped:
            return "skipped"
        return "pending" if line.message is None else self.messages[line.message].state.key


def wire_content(content: dict[str, Any]) -> str:
    """A message's content as the simulator spells it in its counts."""
    if "text" in content:
        return str(content["text"])
    return ":".join(["hsm", content["code"], *content["parameters"]])


def _sent(key: int, address: str, content: dict[str, Any], state: int, *more: Any) -> Sent:
    return Sent(key, Key(address, wire_content(content)), State(state), *more)


def _line(base: int, line: int, address: str, content: dict[str, Any], state: int, *more: Any) -> Line:
    return Line(base, line, Key(address, wire_content(content)), state == SKIPPED, *more)


def gather(database: psycopg.Connection[Any], wavy: Wavy, bases: list[dict[str, Any]]) -> Evidence:
    """Everything of these bases, as the API shows them, and every message that went out."""
    messages = {row[0]: _sent(*row) for row in database.execute(MESSAGES)}
    lines = [_line(*row) for row in database.execute(ROWS, [[base["id"] for base in bases]])]
    stored, waiting = database.execute(INBOX).fetchone() or (0, 0)
    counts = wavy.ask("/control/counts")
    taken = {
        Key(number, content): times
        for number, contents in counts.pop("by_destination_content").items()
        for content, times in contents.items()
    }
    correlations = counts.pop("by_correlation_id")
    del counts["by_destination"]
    return Evidence(
        lines,
        messages,
        bases,
        stored,
        waiting,
        taken,
        correlations,
        counts,
    )
