"""Where numbers without a country code belong: the countries by their names."""

import phonenumbers
from babel import Locale
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _


def country_choices() -> list[tuple[str, str]]:
    """The countries that have phone numbers, by their names in the reader's language."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    known = [
        (code, f"{names[code]} (+{phonenumbers.country_code_for_region(code)})")
        for code in _regions()
        if code in names
    ]
    return [
        ("", str(_("none: refuse numbers without country code"))),
        *sorted(known, key=lambda pair: pair[1]),
    ]


def _regions() -> list[str]:
    return [code for code in phonenumbers.SUPPORTED_REGIONS if len(code) == 2 and code.isalpha()]
