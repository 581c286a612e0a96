"""The columns of a base file: what people call them, and where a line has what."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.spreadsheets import ALL_REPORT_HEADERS

COLUMNS = {
    "dialer": ("dialer", "marcador", "discador"),
    "destination": (
        *("destination", "destino", "phone", "number", "mobile", "teléfono", "telefono", "telefone"),
        *("número", "numero", "celular", "móvil", "movil"),
    ),
    "message": ("message", "mensaje", "mensagem", "text", "texto"),
    "priority": ("priority", "prioridad", "prioridade"),
}
NAMES = {name: column for column, names in COLUMNS.items() for name in names}
STANDARD = ("dialer", "destination", "message", "priority")
REPORT_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each line of a file with a header has what.

    `places` are the standard columns' indexes; `parameters` those of a template's parameters where they were
    chosen; `extra` names the indexes that nothing is made of.
    """

    width: int
    places: dict[str, int]
    parameters: tuple[int, ...] | None = None
    extra: tuple[tuple[int, str], ...] = field(default=())

    @classmethod
    def of(cls, names: Sequence[str], columns: Sequence[str]) -> "Layout":
        """By what the columns are known as; the others are extra."""
        places = {column: at for at, column in enumerate(columns) if column}
        extra = tuple((at, name) for at, name in enumerate(names) if at not in places.values())
        return cls(len(names), places, None, extra)

    def extra_of(self, values: Sequence[str]) -> dict[str, str] | None:
        """The other columns of a line by name, empty ones left out; None where there is none."""
        return {name: values[at] for at, name in self.extra if values[at]} or None

    @property
    def used(self) -> frozenset[int]:
        """The indexes that something is made of."""
        return frozenset((*self.places.values(), *(self.parameters or ())))


def normalised(name: str) -> str:
    """A column's name as it is compared: case, blanks around it and the way accents are stored do not matter."""
    return unicodedata.normalize("NFC", name).strip(" \ufeff").lower()


def known_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The standard column that each name is known to mean, "" for none."""
    return tuple(NAMES.get(normalised(name), "") for name in names)


def shown(names: Sequence[str]) -> tuple[str, ...]:
    """A header's names, each only once: one that repeats, or is empty, gets its column's number."""
    bare = [" ".join(name.replace("\ufeff", "").split()) for name in names]
    seen: set[str] = set()
    unique: list[str] = []
    for at, name in enumerate(bare, 1):
        again = name
        while not again or normalised(again) in seen:
            again = f"{name} ({at})" if again == name and name else f"{again or _('column')} {at}"
        seen.add(normalised(again))
        unique.append(again)
    return tuple(unique)


def is_report(names: Iterable[str]) -> bool:
    """Whether a header is that of our own error report, in whichever language."""
    return tuple(map(normalised, names)) in ALL_REPORT_HEADERS


def doubt_about(columns: Sequence[str]) -> str:
    """Why the names alone do not tell what to send, and what to do; "" where they do."""
    choose = _("Choose the template and the columns that fill it.")
    for column in STANDARD:
        if columns.count(column) > 1:
            return (
                _("The header names more than one column for “%(column)s”.") % {"column": column}
                + " "
                + choose
            )
    if "destination" not in columns:
        return _("The header names no column for the number.") + " " + choose
    if "message" not in columns:
        return _("The header names no column for the message.") + " " + choose
    return ""
