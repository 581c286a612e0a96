"""How one person's number may be written: digits, one canonical form, and the other spelling."""

from __future__ import annotations

import re

_NOT_DIGITS = re.compile(r"[\s().+\-]")


def digits(number: str) -> str:
    """`+55(19) 900001111` → `5519900001111`; what is no number keeps its letters."""
    return number if number.isdigit() else _NOT_DIGITS.sub("", number)


def plausible(number: str) -> bool:
    """Whether Wavy would call these digits a telephone number at all."""
    return number.isdigit() and 8 <= len(number) <= 15 and number[0] != "0"


def other_spelling(number: str) -> str:
    """The form in which WhatsApp may answer: without Brazil's ninth digit, Mexico's 1, Argentina's 9."""
    if number.startswith("55") and len(number) == 13 and number[4] == "9":
        return number[:4] + number[5:]
    if number.startswith("521") and len(number) == 13:
        return "52" + number[3:]
    if number.startswith("549") and len(number) == 13:
        return "54" + number[3:]
    return number


def canonical(number: str) -> str:
    """One key for a person, whichever way the number is written."""
    return other_spelling(digits(number))
