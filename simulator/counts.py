"""What was asked and what was taken, counted exactly from the start or the last reset."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from simulator.messages import Message
from simulator.wire import Json

Key = TypeVar("Key")
SECONDS_KEPT = 3_600
REPEATS_SHOWN = 100


class Counts:
    """Counters that prove what was received; they are never pruned, except the ones per second."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.callbacks: Counter[str] = Counter()
        self.accepted = 0
        self.incoming = 0
        self.by_number: dict[str, int] = {}
        self.by_content: dict[tuple[str, str], int] = {}
        self.by_correlation: dict[str, int] = {}
        self.by_second: dict[int, int] = {}

    def accept(self, message: Message) -> None:
        self.accepted += 1
        number = message.number
        self.by_number[number] = self.by_number.get(number, 0) + 1
        key = (number, message.content)
        self.by_content[key] = self.by_content.get(key, 0) + 1
        if message.correlation_id is not None:
            self.by_correlation[message.correlation_id] = (
                self.by_correlation.get(message.correlation_id, 0) + 1
            )

    def pace(self, second: int, messages: int) -> None:
        self.by_second[second] = self.by_second.get(second, 0) + messages
        if len(self.by_second) > SECONDS_KEPT:
            del self.by_second[min(self.by_second)]

    def totals(self) -> Json:
        """Sums and what came more than once; small, whatever the load was."""
        return {
            "requests": sum(self.requests.values()),
            "requests_by_path": dict(self.requests),
            "answers": dict(self.answers),
            "accepted": self.accepted,
            "incoming": self.incoming,
            "destinations": len(self.by_number),
            "correlation_ids": len(self.by_correlation),
            "repeated_destinations": _repeated(self.by_number),
            "repeated_correlation_ids": _repeated(self.by_correlation),
            "repeated_contents": [
                {"destination": number, "content": content, "times": times}
                for (number, content), times in _first(self.by_content)
            ],
            "accepted_by_second": {str(second): times for second, times in self.by_second.items()},
        }

    def details(self) -> Json:
        """One entry for each destination, destination and content, and correlation id."""
        contents: dict[str, dict[str, int]] = {}
        for (number, content), times in self.by_content.items():
            contents.setdefault(number, {})[content] = times
        return {
            "by_destination": self.by_number,
            "by_destination_content": contents,
            "by_correlation_id": self.by_correlation,
        }


def _first(counter: dict[Key, int]) -> list[tuple[Key, int]]:
    found = []
    for key, times in counter.items():
        if times > 1:
            found.append((key, times))
            if len(found) == REPEATS_SHOWN:
                break
    return found


def _repeated(counter: dict[str, int]) -> dict[str, int]:
    return dict(_first(counter))
