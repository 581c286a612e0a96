"""Whose data it is: one number in every spelling, at one provider or at all."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from providers.errors import Refusal
from providers.numbers import canonical, parse_destination, variants

Note = Callable[[str, int], None]  # how many of what went, by the keys of erasing.words

# What people put between the digits of a number; COMPACT leaves it out of a text as `compact` does.
FILLING = " -()./+\t\u00a0\u2010\u2011\u2012\u2013"
COMPACT = "translate({text}, %(filling)s, '')"
LONGEST_NUMBER = 64  # characters of a text that may be a number
LONGEST_TAIL = 8  # digits that every spelling of a number ends with, also without its country code
TOGETHER = 3  # last digits that everybody writes without anything between
_PLAIN = re.compile("[0-9A-Za-z]+")
_FILLED = str.maketrans("", "", FILLING)


def compact(text: str) -> str:
    """A text without what may stand between digits."""
    return text.translate(_FILLED)


@dataclass(frozen=True, slots=True)
class Person:
    """`number` is digits with their country code; `providers` the ids of where.

    `alone`: the number's other spelling is somebody else, told apart, so that this one alone is meant.
    """

    number: str
    providers: tuple[int, ...]
    alone: bool = False
    spellings: tuple[str, ...] = field(init=False)
    tail: str = field(init=False)

    def __post_init__(self) -> None:
        tail = self.number[-LONGEST_TAIL:] if self.number.isdigit() else compact(self.number)
        object.__setattr__(self, "spellings", (self.number,) if self.alone else variants(self.number))
        object.__setattr__(self, "tail", tail)

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form of the number, also where another spelling is somebody else."""
        return variants(self.number)

    @property
    def sql(self) -> dict[str, Any]:
        """What statements need to find texts that may hold the number: more than do, as letters may be escaped."""
        plain = max(_PLAIN.findall(self.tail), key=len, default="")
        return {
            "filling": FILLING,
            "tail": plain,
            "end": plain[-TOGETHER:] if plain.isdigit() else plain[-1:],
        }

    def is_named_by(self, value: object) -> bool:
        """Whether a value is the number, in any spelling with its country code."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return False
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if len(text) > LONGEST_NUMBER or self.tail not in compact(text):
            return False
        return (
            compact(text).lstrip("0") in self.spellings if self.alone else canonical(text) in self.spellings
        )

    def is_in(self, text: str) -> bool:
        """Whether a text holds the number, however it is written there."""
        return re.search(re.escape(self.tail) + r"(?!\d)", compact(text)) is not None

    def is_anywhere_in(self, value: object) -> bool:
        """Whether a value of decoded JSON is the number, at any depth."""
        if isinstance(value, dict):
            return any(map(self.is_named_by, value)) or any(map(self.is_anywhere_in, value.values()))
        if isinstance(value, list):
            return any(map(self.is_anywhere_in, value))
        return self.is_named_by(value)


def number_of(text: str) -> str:
    """The digits of the number that is meant, with its country code. Raises BadNumber for what is none."""
    try:
        return parse_destination(text)
    except Refusal:
        digits = compact(text)
        if digits.isdigit() and len(digits) >= LONGEST_TAIL:
            return digits.lstrip("0")  # a number that no plan has, as customers' numbers may be
        raise
