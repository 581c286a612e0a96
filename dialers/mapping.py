"""Columns by name: which template a file with a header sends, and which columns fill it. Remembered for the dialer."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NotRequired, TypedDict

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.bases import load_anew, locked_for_act
from dialers.columns import Layout, normalised
from dialers.models import Base, BaseState, Dialer
from providers.errors import Refusal
from providers.models import Template
from providers.templates import TemplateBook, require_approved


class Mapping(TypedDict):
    """What was chosen. Columns are named as the header names them; no priority column = all 9999.

    Over SMS there is no template (""), and `message` names the column that holds the text.
    """

    template: str
    language: str
    destination: str
    parameters: list[str]
    priority: str | None
    message: NotRequired[str]


def signature(header: Iterable[str]) -> str:
    """One key for files with the same columns in the same order."""
    return hashlib.sha256("\x1f".join(map(normalised, header)).encode()).hexdigest()


def header_of(base: Base) -> list[str]:
    """The columns that a base's file has, each named once; empty where it has no header or is not read yet."""
    return list(base.found.get("header") or [])


def sample_of(base: Base) -> list[list[str]]:
    """The first three lines below the header, a text for each column."""
    return list(base.found.get("sample") or [])


def needs_mapping(base: Base) -> bool:
    """Whether the base waits for somebody to choose its template and columns."""
    return base.state == BaseState.FAILED and bool(base.found.get("needs_mapping"))


def may_be_mapped(base: Base) -> bool:
    """Whether `apply_mapping` would take it: it has a header and nothing of it was ever started."""
    return bool(header_of(base)) and base.state in (BaseState.READY, BaseState.FAILED) and not base.started_at


def remembered(dialer: Dialer, header: Sequence[str]) -> Mapping | None:
    """What was chosen for the same columns before, at this dialer."""
    found: Mapping | None = dialer.mappings.get(signature(header))
    return found


def check(dialer: Dialer, header: Sequence[str], wanted: Mapping) -> Template | None:
    """The template of a choice that will do; None over SMS.

    Raises Refusal (400): `template_unknown`, `template_not_approved`, `mapping_parameters`, `mapping_column`.
    """
    if not dialer.takes_templates:
        if wanted["template"] or wanted["parameters"]:
            raise Refusal("no_templates", status=400)
        _check_columns(
            header, wanted, [wanted.get("message", "")], _("Choose the column that holds the message.")
        )
        return None
    template = TemplateBook(dialer.provider).find(wanted["template"], wanted["language"] or dialer.language)
    require_approved(template)
    columns = wanted["parameters"]
    if len(columns) != template.parameters:
        sentence = ngettext(
            "Template “%(code)s” takes %(wanted)d parameter: choose a column for each, not %(given)d.",
            "Template “%(code)s” takes %(wanted)d parameters: choose a column for each, not %(given)d.",
            template.parameters,
        )
        raise _unfit(
            "mapping_parameters",
            sentence % {"code": template.code, "wanted": template.parameters, "given": len(columns)},
        )
    _check_columns(header, wanted, columns, _("Choose a column for each parameter of the template."))
    return template


def _check_columns(header: Sequence[str], wanted: Mapping, columns: Sequence[str], missing: str) -> None:
    if not wanted["destination"]:
        raise _unfit("mapping_column", _("Choose the column that holds the number."))
    known = set(map(normalised, header))
    for column in (wanted["destination"], *columns, *filter(None, [wanted["priority"]])):
        if not column:
            raise _unfit("mapping_column", missing)
        if normalised(column) not in known:
            raise _unfit(
                "mapping_column",
                _("The file has no column “%(column)s”. It has: %(header)s.")
                % {"column": column, "header": ", ".join(header)},
            )


def apply_mapping(base: Base, wanted: Mapping | None, user: User | None) -> Base:
    """Takes the choice for a base with a header, remembers it for the dialer, and has the file loaded (again).

    None forgets it: the columns are then read by their own names. What was loaded before is dropped.
    Raises Refusal: those of `check`, 409 `not_ready` for a base that is loading or was ever started,
    409 `no_header` for a file without a header.
    """
    with transaction.atomic():
        locked = locked_for_act(base)
        header = header_of(locked)
        if locked.state not in (BaseState.READY, BaseState.FAILED) or locked.started_at:
            raise Refusal(
                "not_ready",
                _("The base is %(state)s: only one that was never started can be given other columns.")
                % {"state": locked.get_state_display()},
            )
        if not header:
            raise Refusal("no_header", _("The file has no header, so there are no columns to choose from."))
        if wanted is not None:
            wanted = _clean(locked.dialer, header, wanted)
        dialer = Dialer.objects.select_for_update(no_key=True).get(pk=locked.dialer_id)
        dialer.mappings = {key: one for key, one in dialer.mappings.items() if key != signature(header)}
        if wanted is not None:
            dialer.mappings[signature(header)] = wanted
        dialer.save(update_fields=["mappings"])
        before, locked.mapping = locked.mapping, wanted
        acts.note(locked, Act.MAPPED, user=user, changes={"mapping": (before, wanted)})
        load_anew(locked)
    return locked


def _clean(dialer: Dialer, header: Sequence[str], wanted: Mapping) -> Mapping:
    template = check(dialer, header, wanted)
    clean: Mapping = {
        "template": template.code if template else "",
        "language": template.language if template else "",
        "destination": wanted["destination"],
        "parameters": list(wanted["parameters"]),
        "priority": wanted["priority"] or None,
    }
    return clean if template else {**clean, "message": wanted["message"]}


def layout_of(header: Sequence[str], chosen: Mapping) -> Layout:
    """Where a file with these columns has what was chosen; `check` has passed it."""
    at = {normalised(name): index for index, name in enumerate(header)}
    places = {"destination": at[normalised(chosen["destination"])]}
    if chosen["priority"]:
        places["priority"] = at[normalised(chosen["priority"])]
    parameters: tuple[int, ...] | None = tuple(at[normalised(column)] for column in chosen["parameters"])
    if "message" in chosen:
        places["message"], parameters = at[normalised(chosen["message"])], None
    used = {*places.values(), *(parameters or ())}
    extra = tuple((index, name) for index, name in enumerate(header) if index not in used)
    return Layout(len(header), places, parameters, extra)


def others_of(base: Base) -> list[str]:
    """The columns of a base's file that nothing is made of; of a base made out of another, those of that one."""
    while base.recycled_from is not None:
        base = base.recycled_from
    header, columns = header_of(base), base.found.get("columns")
    chosen: Mapping | None = base.mapping
    if not header or not (chosen or columns):
        return []
    layout = layout_of(header, chosen) if chosen else Layout.of(header, columns)
    return [name for _at, name in layout.extra]


def _unfit(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, status=400)


def as_mapping(given: dict[str, Any]) -> Mapping:
    """A choice as a form or the API gives it, with what may be left out."""
    made: Mapping = {
        "template": given.get("template") or "",
        "language": given.get("language") or "",
        "destination": given["destination"],
        "parameters": list(given.get("parameters") or []),
        "priority": given.get("priority") or None,
    }
    return {**made, "message": given["message"]} if given.get("message") else made
