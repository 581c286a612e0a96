"""RegExps over numbers: whether one compiles, and whether it finds something in a number, within bounded time."""

import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from providers.errors import Refusal
from providers.numbers import display, parse_destination

SECONDS = 1.0
LONGEST = 500  # characters of a pattern, as the fields take them
SLOW = _("This pattern takes too long: write it without a repetition inside another.")
REPEATED_GROUP = re.compile(r"\)[*+{]")
WORST = ("1" * 15, "559999999999999", "123456789012345")  # the longest numbers, of one digit and of many
CHILD = Path(__file__).with_name("pattern_child.py")


class Found(StrEnum):
    """What a trial came to."""

    ACCEPTED = "accepted"
    TURNED_AWAY = "turned away"
    BROKEN = "broken"  # the pattern does not compile
    SLOW = "slow"
    NO_NUMBER = "no number"


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it, in a sentence; `position` is where a pattern breaks, in characters from 0."""

    found: Found
    sentence: str
    position: int | None = None


def try_on(pattern: str, number: str, country: str | None = None) -> Trial:
    """Searches the pattern in the digits of a number, as it is done when something is sent.

    In a process of its own that is ended after SECONDS: a nested pattern may take years.
    """
    try:
        re.compile(pattern[: LONGEST + 1])
    except (re.error, OverflowError, RecursionError) as wrong:
        at = getattr(wrong, "pos", None)
        sentence = _now("This pattern does not compile: %(why)s.") % {"why": wrong}
        return Trial(Found.BROKEN, sentence, at)
    if not number.strip():
        return Trial(Found.NO_NUMBER, "")
    try:
        digits = parse_destination(number, country or None)
    except Refusal as refusal:
        return Trial(Found.NO_NUMBER, str(refusal))
    found = searched(pattern, digits)
    if found is None:
        return Trial(Found.SLOW, str(SLOW))
    names = {"number": display(digits), "digits": digits}
    if found:
        return Trial(Found.ACCEPTED, _now("%(number)s is accepted (%(digits)s).") % names)
    return Trial(Found.TURNED_AWAY, _now("%(number)s is turned away (%(digits)s).") % names)


def endless(pattern: str) -> bool:
    """Whether the pattern takes too long on some number; only one that repeats a group is tried out."""
    if not REPEATED_GROUP.search(pattern):
        return False
    return any(searched(pattern, digits) is None for digits in WORST)


def searched(pattern: str, digits: str) -> bool | None:
    """Whether the pattern finds something in the digits; None where that takes longer than SECONDS."""
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-S", str(CHILD)],
            input=f"{digits}\n{pattern}".encode(),
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return {0: True, 1: False}.get(child.returncode)
