"""Calendars with the holidays that they hold, and the page of the legal hours."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from accounts.choices import how_many
from accounts.labels import label
from campaigns.calendars import year_of
from campaigns.hours_forms import CalendarForm, DayForm, LegalHoursForm
from campaigns.models import Calendar, CalendarDay, LegalHours
from providers.pages import OnePage, Page

FIRST_YEAR, LAST_YEAR = 2000, 2100


def asked_year(request: HttpRequest) -> int:
    """The year that the page shows: this one unless another was asked for."""
    asked = request.GET.get("year", "")
    if asked.isascii() and asked.isdecimal() and FIRST_YEAR <= int(asked[:5]) <= LAST_YEAR:
        return int(asked[:5])
    return timezone.localdate().year


class DayInline(TabularInline):
    """Own days: they win over public holidays."""

    model = CalendarDay
    form = DayForm
    fields = ["date", "name", "hours"]
    ordering = ["date"]

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1


@admin.register(Calendar)
class CalendarAdmin(Page):
    """Which days are no ordinary ones."""

    empty_text = _(
        "No calendar yet. It holds holidays and days of your own, for dialers, campaigns and the legal hours."
    )
    form = CalendarForm
    inlines = [DayInline]
    next_step = _("Now choose it in a dialer, a campaign or the legal hours.")
    fields = ["name", "country", "subdivision"]
    list_display = ["name", "place", "own_days"]
    search_fields = ["name"]
    ordering = ["name"]
    change_form_outer_after_template = "admin/campaigns/holidays.html"

    class Media:
        js = ["admin_pages/days.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        calendars: QuerySet[Calendar] = super().get_queryset(request)
        return calendars.annotate(n=how_many(CalendarDay, "calendar"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        calendar = self.get_object(request, object_id)
        if calendar is not None and self.has_view_permission(request, calendar):
            year = asked_year(request)
            context |= {
                "year": year,
                "last_year": year - 1,
                "next_year": year + 1,
                "year_days": year_of(calendar, year),
                "may_change": self.has_change_permission(request, calendar),
            }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("Country"), ordering="country")
    def place(self, calendar: Calendar) -> str:
        return " · ".join(filter(None, [calendar.country, calendar.subdivision])) or _now("own days only")

    @admin.display(description=_("Own days"), ordering="n")
    def own_days(self, calendar: Any) -> SafeString | int:
        return calendar.n or label("grey", _now("none"))


@admin.register(LegalHours)
class LegalHoursAdmin(OnePage):
    """The ceiling over every dialer; around the clock until somebody sets it."""

    form = LegalHoursForm
    fields = ["schedule", "time_zone", "calendar"]

    def the_row(self) -> LegalHours:
        return LegalHours.objects.first() or LegalHours(pk=self.key)
