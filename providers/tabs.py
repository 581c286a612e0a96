"""A page of several tabs: which parts of a form stand on which, and which tab to open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import flatten


@dataclass(frozen=True, slots=True)
class Layout:
    """One tab as a page names it: the fieldset of that name, and the formsets with these prefixes."""

    key: str
    title: Any
    formsets: tuple[str, ...] = ()
    before: str = ""  # a template above the rest


@dataclass(slots=True)
class Tab:
    """One tab as the template shows it; `errors` is how many fields and rows are wrong there."""

    key: str
    title: Any
    before: str = ""
    fieldsets: list[Any] = field(default_factory=list)
    formsets: list[Any] = field(default_factory=list)
    errors: int = 0
    active: bool = False


def tabs_of(layouts: Sequence[Layout], adminform: Any, formsets: Sequence[Any]) -> list[Tab]:
    """The tabs with their parts, empty ones left out; the first with an error is active, else the first."""
    fieldsets = {fieldset.name: fieldset for fieldset in adminform}
    by_prefix = {formset.formset.prefix: formset for formset in formsets}
    tabs = []
    for layout in layouts:
        tab = Tab(layout.key, layout.title, layout.before)
        if layout.title in fieldsets:
            tab.fieldsets.append(fieldsets[layout.title])
        tab.formsets += [by_prefix[prefix] for prefix in layout.formsets if prefix in by_prefix]
        tab.errors = sum(map(_wrong_fields, tab.fieldsets)) + sum(map(_wrong_rows, tab.formsets))
        if tab.fieldsets or tab.formsets or tab.before:
            tabs.append(tab)
    tabs[0].errors += len(adminform.form.non_field_errors())
    next((tab for tab in tabs if tab.errors), tabs[0]).active = True
    return tabs


def _wrong_fields(fieldset: Any) -> int:
    return len(set(flatten(fieldset.fields)) & fieldset.form.errors.keys())


def _wrong_rows(formset: Any) -> int:
    return sum(map(bool, formset.formset.errors)) + len(formset.formset.non_form_errors())
