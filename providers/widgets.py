"""What providers and dialers type a RegExp with: the pattern, and a number beside it to try it on."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextInputWidget


class PatternWidget(UnfoldAdminTextInputWidget):
    """Says while it is typed what the pattern makes of a number; the number is kept with the form, never stored."""

    trial = ""

    class Media:
        css = {"all": ["admin_pages/forms.css"]}

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"spellcheck": "false", "autocapitalize": "none", **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        self.trial = data.get(f"{name}_trial", "")
        return super().value_from_datadict(data, files, name)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        context = {"field": field, "name": name, "id": (attrs or {}).get("id", name), "trial": self.trial}
        return render_to_string("admin/fields/pattern.html", context)
