"""The forms of calendars and of the legal hours."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.forms import TimeZoneField
from campaigns.models import Calendar, CalendarDay, LegalHours
from campaigns.public_holidays import country_choices
from campaigns.widgets import DayHoursWidget, DayWidget, WeekWidget


def countries() -> list[tuple[str, Any]]:
    """Every country whose holidays are known, or none."""
    return [("", _("none: own days only")), *country_choices()]


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A country by its name; what is wrong with its part is said beside it."""

    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=countries,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Its public holidays are closed; empty = own days only."),
    )

    class Meta:
        model = Calendar
        fields: ClassVar = ["name", "country", "subdivision"]

    def clean_subdivision(self) -> str:
        return str(self.cleaned_data["subdivision"]).strip().upper()


class DayForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """An own day: chosen, not typed."""

    class Meta:
        model = CalendarDay
        fields: ClassVar = ["date", "name", "hours"]
        widgets: ClassVar = {"date": DayWidget(), "hours": DayHoursWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Each field bears its name itself: in a table only the head of the column shows it."""
        super().__init__(*args, **kwargs)
        for name in ("date", "name"):
            self.fields[name].widget.attrs["aria-label"] = self.fields[name].label


class LegalHoursForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """No dialer sends outside them."""

    time_zone = TimeZoneField()

    class Meta:
        model = LegalHours
        fields: ClassVar = ["schedule", "time_zone", "calendar"]
        help_texts: ClassVar = {"schedule": _("No dialer sends outside it, whatever its own schedule says.")}
        widgets: ClassVar = {"schedule": WeekWidget()}
