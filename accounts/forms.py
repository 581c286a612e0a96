"""Form fields that more than one layer uses: the time zone."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import validate_time_zone


def zone_choices() -> list[tuple[Any, Any]]:
    """The IANA zones by continent, as a select groups them; UTC first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(available_timezones()):
        area, separator, place = name.partition("/")
        if separator and area not in {
            "Etc",
            "SystemV",
            "posix",
            "right",
            "US",
            "Canada",
            "Brazil",
            "Chile",
            "Mexico",
        }:
            groups.setdefault(area, []).append((name, place.replace("_", " ").replace("/", " · ")))
    return [("UTC", "UTC"), *groups.items()]


class ZoneWidget(UnfoldAdminSelectWidget):
    """A list of zones with a search beside it, and the time there."""

    class Media:
        js = ["admin_pages/zone.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        field = super().render(name, value, attrs, renderer)
        return render_to_string("admin/fields/zone.html", {"field": field})


class TimeZoneField(forms.ChoiceField):
    """A choice of zones; a valid zone that is not among them (an alias) is offered too where it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        super().__init__(choices=zone_choices, widget=ZoneWidget(), **kwargs)

    def valid_value(self, value: Any) -> bool:
        validate_time_zone(value)
        return True
