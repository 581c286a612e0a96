"""The public holidays of countries and of parts of them, from the `holidays` library."""

from datetime import date
from functools import cache, lru_cache

import holidays
from babel import Locale
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _


@cache
def known() -> dict[str, list[str]]:
    """The countries whose holidays are known, by their two letters, with the codes of their parts."""
    return dict(holidays.list_supported_countries(include_aliases=False))


def country_choices() -> list[tuple[str, str]]:
    """Those countries by their names in the reader's language."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    return sorted(((code, f"{names.get(code, code)} ({code})") for code in known()), key=lambda pair: pair[1])


def require_known(country: str, subdivision: str) -> None:
    """Raises ValidationError, beside the field, for what the library does not know; says which it knows."""
    if country and country not in known():
        text = _("The holidays of “%(code)s” are not known. Known are: %(codes)s.")
        raise ValidationError({"country": text % {"code": country, "codes": ", ".join(sorted(known()))}})
    if not subdivision:
        return
    if not country:
        raise ValidationError({"subdivision": _("Choose its country first.")})
    parts = known()[country]
    if subdivision not in parts:
        text = (
            _("“%(code)s” is not known. Known are: %(codes)s.")
            if parts
            else _("No part of this country has holidays of its own here: leave it empty.")
        )
        raise ValidationError({"subdivision": text % {"code": subdivision, "codes": ", ".join(parts)}})


def public_holidays(country: str, subdivision: str, year: int) -> dict[date, str]:
    """The public holidays of a year by date, named in the reader's language where known; none for "" or unknown."""
    return _holidays(country, subdivision, year, get_language() or "") if country else {}


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int, language: str) -> dict[date, str]:
    try:
        plain = holidays.country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
        found = holidays.country_holidays(
            country, subdiv=subdivision or None, years=year, expand=False, language=_spoken(plain, language)
        )
    except NotImplementedError:  # the form refuses what the library does not know
        return {}
    return {on: found[on] for on in sorted(found)}


def _spoken(found: holidays.HolidayBase, language: str) -> str | None:
    """The library's name of a language: the reader's if it is known, else the country's own."""
    wanted = language.split("-")[0].lower()
    same = [name for name in found.supported_languages if name.split("_")[0].lower() == wanted]
    return same[0] if same else found.default_language
