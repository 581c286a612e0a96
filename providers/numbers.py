"""Phone numbers: what to send to, one form per person, every spelling, and the form for pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers

from providers.errors import Refusal


class BadNumber(Refusal):
    """The text is no number that can be sent to; `code` begins with `number_`."""

    status = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """A country's common shapes: `shape` matches what follows the calling code."""

    calling_code: str
    shape: str


# Shapes by plan and length, wider than the library where its list of ranges lags behind the regulators.
PLANS: dict[str, Plan] = {
    "BR": Plan(
        "55",
        r"(?:1[1-9]|2[12478]|3[1-578]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9])(?:9\d{8}|[2-9]\d{7})",
    ),
    "MX": Plan("52", r"1?[2-9]\d{9}"),
    "AR": Plan("54", r"9?(?:11|[23]\d)\d{8}"),
    "UY": Plan("598", r"[249]\d{7}"),
    "CL": Plan("56", r"[2-57-9]\d{8}"),
    "CO": Plan("57", r"3\d{9}"),
    "PE": Plan("51", r"9\d{8}"),
    "PY": Plan("595", r"9\d{8}"),
    "BO": Plan("591", r"[67]\d{7}"),
    "EC": Plan("593", r"9\d{8}"),
    "VE": Plan("58", r"4(?:1[2-8]|2[24-6])\d{7}"),
    "CR": Plan("506", r"[5-8]\d{7}"),
    "PA": Plan("507", r"6\d{7}"),
    "GT": Plan("502", r"[3-5]\d{7}"),
    "SV": Plan("503", r"[67]\d{7}"),
    "HN": Plan("504", r"[389]\d{7}"),
    "NI": Plan("505", r"[578]\d{7}"),
    "ES": Plan("34", r"[67]\d{8}"),
    "PT": Plan("351", r"9[1236]\d{7}"),
    "US": Plan("1", r"555\d{7}"),  # WhatsApp's own test numbers, which no plan assigns
}


@dataclass(frozen=True, slots=True)
class ExtraDigit:
    """One `digit`, at index `at`, that some systems write and others leave out; `kept` in our form."""

    digit: str
    at: int
    kept: bool
    without: re.Pattern[str]

    def put_in(self, digits: str) -> str:
        """With the digit; "" where the rule does not apply."""
        return digits[: self.at] + self.digit + digits[self.at :] if self.without.fullmatch(digits) else ""

    def taken_out(self, digits: str) -> str:
        """Without the digit; "" where the rule does not apply."""
        if digits[self.at : self.at + 1] != self.digit:
            return ""
        shorter = digits[: self.at] + digits[self.at + 1 :]
        return shorter if self.without.fullmatch(shorter) else ""


# Brazil's ninth digit (of what is no landline, those begin with 2 to 5), Mexico's 1 and Argentina's 9
# (where landlines cannot be told apart).
EXTRA_DIGITS: dict[str, ExtraDigit] = {
    "55": ExtraDigit("9", 4, True, re.compile(r"55[1-9]{2}[016-9]\d{7}")),
    "52": ExtraDigit("1", 2, False, re.compile(r"52\d{10}")),
    "54": ExtraDigit("9", 2, False, re.compile(r"54\d{10}")),
}

LONGEST_SPELLING = 13  # digits of a whole number of those countries, with the extra one

_INTERNATIONAL = re.compile("|".join(f"{plan.calling_code}{plan.shape}" for plan in PLANS.values()))
_NATIONAL = re.compile("|".join(plan.shape for plan in PLANS.values()))
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")
)
_FILLING = re.compile(r"[\s().\-\u2010-\u2015\u2212\[\]]")
_EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*[eE]\s*[+-]?\d+")
_DECIMAL_ZERO = re.compile(r"(\+?\d{7,})[.,]0")
_SHORTEST, _LONGEST = 7, 15  # digits with the country code, E.164


def parse_destination(raw: str, country: str | None = None) -> str:
    """The digits to send to, country code first, out of a number as people write it.

    `country` (ISO 3166 alpha-2) is where a number without country code belongs. With it, a text that
    reads as a number of that country is one, unless + or 00 stands in front.
    Raises BadNumber; never adds a digit other than that country's code.
    """
    if raw.isascii() and raw.isdigit() and country is None and _INTERNATIONAL.fullmatch(raw):
        return raw
    digits, international = _digits(raw)
    if country and not international:
        return _of_country(digits, country.upper())
    return _international(digits, international)


def _digits(raw: str) -> tuple[str, bool]:
    """The bare digits, and whether + or 00 said that the country code is there."""
    text = raw.translate(_INVISIBLE).strip().lstrip("'")
    if _EXPONENT.fullmatch(text):
        raise BadNumber("number_spreadsheet")
    if whole := _DECIMAL_ZERO.fullmatch(text):
        text = whole[1]
    text = _FILLING.sub("", text)
    plus = text.startswith("+")
    digits = text[1:] if plus else text
    if not digits:
        raise BadNumber("number_empty")
    if not (digits.isascii() and digits.isdigit()):
        raise BadNumber("number_characters")
    if digits.startswith("00"):
        return digits[2:], True
    return digits, plus


def _international(digits: str, said_so: bool) -> str:
    if _INTERNATIONAL.fullmatch(digits):
        return digits
    if not _SHORTEST <= len(digits) <= _LONGEST + 1:  # one more for a national 0 that the library takes out
        raise BadNumber("number_length")
    if not digits.startswith("0") and (found := _library("+" + digits, None)):
        return found
    national = digits.startswith("0") or _NATIONAL.fullmatch(digits)
    raise BadNumber("number_country" if national and not said_so else "number_invalid")


def _of_country(digits: str, country: str) -> str:
    calling_code = calling_code_of(country)
    if digits.startswith(calling_code) and (own := _as_international(digits)):
        return own
    if _INTERNATIONAL.fullmatch(calling_code + digits):
        return calling_code + digits
    if found := _library(digits, country):
        return found
    return _international(digits, said_so=True)


def _as_international(digits: str) -> str:
    return digits if _INTERNATIONAL.fullmatch(digits) else _library("+" + digits, None)


def _library(text: str, country: str | None) -> str:
    """The library's E.164 digits, "" when the number is not valid."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)[1:]


def calling_code_of(country: str) -> str:
    """The digits of a country's calling code; ValueError for what is no ISO alpha-2 code."""
    calling_code = phonenumbers.country_code_for_region(country.upper())
    if not calling_code:
        raise ValueError(f"{country!r} is not a country code such as BR or UY.")
    return str(calling_code)


def canonical(number: str) -> str:
    """One form per person: the digits, with each country's second spelling folded into the first.

    Takes any spelling with the country code; what has letters or no digits stays as it is. Idempotent.
    """
    digits = _bare(number)
    rule = EXTRA_DIGITS.get(digits[:2])
    if rule is None:
        return digits
    if digits[2:3] == "0" or len(digits) > LONGEST_SPELLING:
        digits = _dialled_at_home(digits)
    return (rule.put_in(digits) if rule.kept else rule.taken_out(digits)) or digits


def _dialled_at_home(digits: str) -> str:
    """Without what is dialled inside the country alone: a 0 before the area code, Argentina's 15 behind it."""
    if not digits.isdigit() or len(digits) > _LONGEST + 1:
        return digits
    return _library("+" + digits, None) or digits


def variants(number: str) -> tuple[str, ...]:
    """Every spelling under which this person may appear, the canonical one first."""
    first = canonical(number)
    rule = EXTRA_DIGITS.get(first[:2])
    if rule is None:
        return (first,)
    other = rule.taken_out(first) if rule.kept else rule.put_in(first)
    return (first, other) if other else (first,)


def _bare(number: str) -> str:
    if number.isascii() and number.isdigit() and not number.startswith("0"):
        return number
    text = number.strip()
    if any(map(str.isalpha, text)):
        return text
    return "".join(re.findall(r"[0-9]+", text)).lstrip("0") or text


def display(number: str) -> str:
    """The international form for pages, +55 11 90000-0001; what is no number, or a short code, stays as it is."""
    digits = _bare(number)
    if len(digits) < _SHORTEST:
        return number
    try:
        parsed = phonenumbers.parse("+" + digits)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
