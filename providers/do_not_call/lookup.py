"""Looking up numbers in the registry: any spelling of the whole, or a part."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from providers.contacts import matching
from providers.numbers import EXTRA_DIGITS

M = TypeVar("M", bound=Model)
MOST_FOUND = 1000


def search(rows: QuerySet[M], text: str) -> QuerySet[M]:
    """Those of the rows (with a canonical `number`) that are meant.

    The whole number in any spelling, also without its country code, by the index; else whatever holds the
    digits, the newest MOST_FOUND.
    """
    digits = "".join(character for character in text if character.isascii() and character.isdigit())
    if not digits:
        return rows.none()
    whole = rows.filter(number__in=whole_numbers(digits))
    if whole.exists():
        return whole
    part = digits.lstrip("0") or digits
    found = rows.filter(number__contains=part).order_by("-pk").values_list("pk", flat=True)[:MOST_FOUND]
    return rows.filter(pk__in=list(found))


def whole_numbers(digits: str) -> set[str]:
    """The numbers of people that digits mean, with country code or, where second spellings are common, without."""
    national = digits.lstrip("0")
    spelt = {digits, *(code + national for code in EXTRA_DIGITS)}  # as a person told apart has it
    return spelt.union(*map(matching, spelt))
