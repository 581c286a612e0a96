"""An entry as its reader understands it: names of fields instead of columns, words instead of codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entry import MANY, NOT_SHOWN, Entry
from accounts.roles import role_word

# Parts of an object that are no fields of it.
WORDS = {
    MANY: gettext_lazy("messages"),
    "dids": gettext_lazy("DIDs"),
    "callback_tokens": gettext_lazy("pairs of callback addresses"),
    "line": gettext_lazy("line"),
    "mapping": gettext_lazy("columns"),
    "recycled_from": gettext_lazy("made from"),
}
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed, in words; an empty before or after is a dash."""

    name: str
    before: str
    after: str


def changes_of(entry: Entry) -> Iterator[Change]:
    """What changed, by name; what was empty and stayed so is left out."""
    model = entry.content_type.model_class()
    found = []
    for key, pair in (entry.changes or {}).items():
        before, after = pair
        if before in EMPTY and after in EMPTY:
            continue
        field = _field(model, key)
        name = capfirst(str(WORDS.get(key) or getattr(field, "verbose_name", key)))
        if NOT_SHOWN in pair:
            found.append(Change(name, "–" if before in EMPTY else NOT_SHOWN, _("changed, not shown")))
        else:
            found.append(Change(name, _word(field, key, before), _word(field, key, after)))
    yield from sorted(found, key=lambda change: change.name)


def _field(model: Any, key: str) -> Any:
    try:
        return model._meta.get_field(key) if model else None
    except FieldDoesNotExist:
        return None


def _word(field: Any, key: str, value: Any) -> str:
    if value in EMPTY:
        return "–"
    if isinstance(value, list):
        return ", ".join(role_word(str(one)) if key == "groups" else str(one) for one in value)
    choices = dict(getattr(field, "flatchoices", None) or ())
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_word(None, name, one)}" for name, one in value.items())
    if isinstance(field, models.DateTimeField):
        return _time(str(value))
    return number_format(value) if isinstance(value, int | float) else str(value)


def _time(value: str) -> str:
    """A time that was written down, UTC where it says no zone, in the reader's zone."""
    at: datetime | None = parse_datetime(value)
    if at is None:
        return value
    aware = at if timezone.is_aware(at) else timezone.make_aware(at, timezone.get_default_timezone())
    return date_format(timezone.localtime(aware), "DATETIME_FORMAT")
