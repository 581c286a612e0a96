"""What a switch is: its words for the page, its limits, and how a value from outside is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from simulator.wire import BadRequestError, Json

Kind = Literal["share", "number", "yes", "choice", "text", "shares"]


@dataclass(frozen=True)
class Switch:
    """A switch in words; `lowest` and `highest` bound numbers, `choices` are the words that may stand there."""

    kind: Kind
    group: str
    label: str
    words: str
    lowest: float = 0
    highest: float = 1
    unit: str = ""
    choices: tuple[str, ...] = ()
    suggestions: Mapping[int, str] = field(default_factory=dict)

    def clean(self, name: str, value: Any) -> Any:
        """The value as it is kept; raises `BadRequestError` with what would be right."""
        if self.kind == "yes":
            if not isinstance(value, bool):
                raise BadRequestError(f"{name} must be true or false.")
            return value
        if self.kind == "text":
            if not isinstance(value, str):
                raise BadRequestError(f"{name} must be a text.")
            return value
        if self.kind == "choice":
            if value not in self.choices:
                raise BadRequestError(f"{name} must be one of: {', '.join(self.choices)}.")
            return value
        if self.kind == "shares":
            return self._clean_shares(name, value)
        return self._clean_number(name, value)

    def _clean_number(self, name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadRequestError(f"{name} must be a number.")
        if not self.lowest <= value <= self.highest:
            raise BadRequestError(f"{name} must lie between {self.lowest:g} and {self.highest:g}.")
        return value if self.kind == "share" else int(value)

    def _clean_shares(self, name: str, value: Any) -> dict[int, float]:
        if not isinstance(value, dict):
            raise BadRequestError(f'{name} must be an object of code and share, like {{"420": 0.1}}.')
        shares = {}
        for code, share in value.items():
            if not str(code).isdigit() or (self.choices and str(code) not in self.choices):
                allowed = ", ".join(self.choices) or "numbers"
                raise BadRequestError(f"{name}: {code!r} is no code that can be set; these can: {allowed}.")
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
                raise BadRequestError(f"{name}: the share of {code} must lie between 0 and 1.")
            if share:
                shares[int(code)] = float(share)
        if sum(shares.values()) > 1.000001:
            raise BadRequestError(f"{name}: the shares add up to more than 1.")
        return shares

    def describe(self, name: str, value: Any, default: Any) -> Json:
        return {
            "name": name, "kind": self.kind, "group": self.group, "label": self.label, "words": self.words,
            "lowest": self.lowest, "highest": self.highest, "unit": self.unit, "choices": list(self.choices),
            "value": value, "default": default, "suggestions": dict(self.suggestions),
        }  # fmt: skip


def share(group: str, label: str, words: str, default: float = 0.0) -> float:
    return field(default=default, metadata={"switch": Switch("share", group, label, words)})


def number(
    group: str, label: str, words: str, default: int = 0, highest: int = 600_000, unit: str = "ms"
) -> int:
    switch = Switch("number", group, label, words, highest=highest, unit=unit)
    return field(default=default, metadata={"switch": switch})


def yes(group: str, label: str, words: str, default: bool = False) -> bool:
    return field(default=default, metadata={"switch": Switch("yes", group, label, words)})


def choice(group: str, label: str, words: str, *choices: str) -> str:
    switch = Switch("choice", group, label, words, choices=choices)
    return field(default=choices[0], metadata={"switch": switch})


def text(group: str, label: str, words: str, default: str = "") -> str:
    return field(default=default, metadata={"switch": Switch("text", group, label, words)})


def shares(
    group: str, label: str, words: str, codes: Mapping[int, str], others: bool = False
) -> dict[str, Switch]:
    """The metadata of a field that holds a share for each code; `others` allows codes that are not named."""
    choices = () if others else tuple(map(str, codes))
    return {"switch": Switch("shares", group, label, words, choices=choices, suggestions=codes)}
