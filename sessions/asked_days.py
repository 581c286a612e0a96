"""The days that the query of a page asks for."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from providers.errors import Refusal


def days(values: Mapping[str, str], today: date, usual: int, most: int) -> tuple[date, date]:
    """`from` and `to`, both included: `usual` days up to today where it names none.

    Raises Refusal `wrong_dates` (400), which says what to enter, for what is no day and for more than `most` days.
    """
    last = _day(values.get("to", ""), today)
    first = _day(
        values.get("from", ""), max(last, date.min + timedelta(days=usual)) - timedelta(days=usual - 1)
    )
    if first > last or (last - first).days >= most:
        sentence = _("Choose a first day that is not after the last one, and %(n)d days at most.")
        raise Refusal("wrong_dates", sentence % {"n": most}, status=400)
    return first, last


def _day(text: str, otherwise: date) -> date:
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refusal("wrong_dates", _("“%(text)s” is no day.") % {"text": text[:40]}, status=400) from error
