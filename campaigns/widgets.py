"""What hours are typed with: a week to paint, and the hours of one day."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import INPUT_CLASSES, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from campaigns.models.hours import NORMAL
from campaigns.schedules import parse_hours

PAIRS = 2  # spans of a day that are chosen by clock; more as text


class WeekWidget(UnfoldAdminTextareaWidget):
    """A week to paint by mouse, finger or keyboard; its text form stays in a fold below."""

    class Media:
        js = ["admin_pages/week_text.js", "admin_pages/week.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 3, "spellcheck": "false", "autocapitalize": "none", **(attrs or {})})

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        context = {"field": field, "id": (attrs or {}).get("id", name), "label": _("Week")}
        return render_to_string("admin/fields/week.html", context)


class DayWidget(forms.DateInput):
    """A day from the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES)}, format="%Y-%m-%d")


class DayHoursWidget(UnfoldAdminTextInputWidget):
    """Closed, open between two times (a break between), or as any other day; anything else as text."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        text = str(value or "").strip().lower()
        spans = _clock_spans(text)
        known = {"": "closed", NORMAL: "normal"}.get(text)
        context = {
            "field": super().render(name, value, attrs, renderer),
            "mode": known or ("spans" if spans else "text"),
            "spans": [*spans, *[("", "")] * (PAIRS - len(spans))],
        }
        return render_to_string("admin/fields/day_hours.html", context)


def _clock_spans(text: str) -> list[tuple[str, str]]:
    """From when until when (excluded), as clocks are set; none where the text says something else."""
    try:
        spans = parse_hours(text)
    except ValidationError:
        return []
    return [(_clock(start), _clock(end)) for start, end in spans] if len(spans) <= PAIRS else []


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
