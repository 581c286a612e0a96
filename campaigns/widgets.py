"""What hours are typed with: a week to paint, and the hours of one day."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget


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
