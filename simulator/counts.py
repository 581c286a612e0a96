"""What was asked and what was taken, counted exactly from the start or the last reset."""

from __future__ import annotations

from collections import Counter
from itertools import islice

from simulator.messages import Message
from simulator.wire import Json

SECONDS_KEPT = 3_600
REPEATS_SHOWN = 100


class Counts:
    """Counters that prove what was received; they are never pruned, except the ones per second."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.callbacks: Counter[str] = Counter()
        # Messages of which the answer did not tell what became of them, by what was done to it.
        self.hidden: Counter[str] = Counter()
        self.accepted = 0
        self.incoming = 0
        self.by_number: dict[str, int] = {}
        self.by_content: dict[tuple[str, str], int] = {}
        self.by_correlation: dict[str, int] = {}
        self.by_second: dict[int, int] = {}
        self.first_at: int | None = None
        self.last_at: int | None = None
        # The keys of those that came more than once, so that nobody has to look through all of them.
        self.repeated_numbers: set[str] = set()
        self.repeated_contents: set[tuple[str, str]] = set()
        self.repeated_correlations: set[str] = set()

    def accept(self, messages: list[Message], at: int) -> None:
        """Counts what one request brought, at `at` (epoch milliseconds)."""
        by_number, by_content, by_correlation = self.by_number, self.by_content, self.by_correlation
        for message in messages:
            number, correlation = message.number, message.correlation_id
            key = (number, message.content)
            if number in by_number:
                by_number[number] += 1
                self.repeated_numbers.add(number)
            else:
                by_number[number] = 1
            if key in by_content:
                by_content[key] += 1
                self.repeated_contents.add(key)
            else:
                by_content[key] = 1
            if correlation is None:
                continue
            if correlation in by_correlation:
                by_correlation[correlation] += 1
                self.repeated_correlations.add(correlation)
            else:
                by_correlation[correlation] = 1
        self._pace(at, len(messages))

    def _pace(self, at: int, messages: int) -> None:
        self.accepted += messages
        self.last_at = at
        if self.first_at is None:
            self.first_at = at
        second = at // 1000
        self.by_second[second] = self.by_second.get(second, 0) + messages
        if len(self.by_second) > SECONDS_KEPT:
            del self.by_second[min(self.by_second)]

    def totals(self) -> Json:
        """Sums and what came more than once; small, whatever the load was."""
        return {
            "requests": sum(self.requests.values()),
            "requests_by_path": dict(self.requests),
            "answers": dict(self.answers),
            "hidden": dict(self.hidden),
            "accepted": self.accepted,
            "incoming": self.incoming,
            "destinations": len(self.by_number),
            "correlation_ids": len(self.by_correlation),
            "repeated_destinations": _repeated(self.by_number, self.repeated_numbers),
            "repeated_correlation_ids": _repeated(self.by_correlation, self.repeated_correlations),
            "repeated_contents": [
                {"destination": key[0], "content": key[1], "times": self.by_content[key]}
                for key in islice(self.repeated_contents, REPEATS_SHOWN)
            ],
            "first_accepted_at": self.first_at,
            "last_accepted_at": self.last_at,
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


def _repeated(counter: dict[str, int], keys: set[str]) -> dict[str, int]:
    return {key: counter[key] for key in islice(keys, REPEATS_SHOWN)}
