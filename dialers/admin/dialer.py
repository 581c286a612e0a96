"""Dialers → SMS: the form for supervisors, and for operators the page they work on."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.labels import label
from campaigns.visible import not_hidden
from dialers.admin.acts import Acts
from dialers.admin.dialer_list import DialerList, StandsFilter, WorkFilter, has
from dialers.admin.mapping_page import MappingPage
from dialers.admin.outcomes import Outcomes
from dialers.admin.preview import Preview
from dialers.admin.terms_page import TermsPage
from dialers.admin.test_page import TestPage
from dialers.admin.uploads import Uploads
from dialers.admin.work import page_context
from dialers.forms import DialerForm, minutes
from dialers.models import BaseState, Dialer
from providers.filters import FewChoices

VIEWS = (Outcomes, Uploads, MappingPage, Preview, TermsPage, TestPage, Acts)


@admin.register(Dialer)
class DialerAdmin(DialerList):
    """What sends bases through a provider, at its pace, inside its hours."""

    empty_text = _(
        "No dialer yet. Bases are uploaded to a dialer, which sends them at its pace and inside its hours."
    )
    form = DialerForm
    next_step = _("Now upload a base.")
    list_display = ["name", "provider", "campaign", "state_label", "stands_still", "enabled"]
    list_filter = [StandsFilter, WorkFilter, "enabled", ("provider", FewChoices)]
    list_select_related = ["provider", "campaign"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = [
        "name",
        "provider",
        "dialing_chain",
        "time_between_messages",
        "schedule",
        "time_zone",
        "calendar",
        "enabled",
        "dncr",
        "campaign",
        "language",
        "default_country",
        "attempts",
        "retry_minutes",
        "failure_limit",
    ]
    change_form_outer_before_template = "admin/dialers/work.html"

    class Media:
        js = [
            "admin_pages/morph.js",
            "admin_pages/fresh.js",
            "admin_pages/confirm.js",
            "admin_pages/again.js",
            "admin_pages/upload.js",
        ]

    def history_about(self, object_id: str) -> dict[str, Any]:
        """Of its bases too: their entries are written down under its name."""
        dialer = Dialer.objects.filter(pk=object_id).first()
        return {"q": dialer.name} if dialer else super().history_about(object_id)

    def get_urls(self) -> list[URLPattern]:
        own = [url for views in VIEWS for url in views(self.admin_site).urls()]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dialer]:
        dialers: QuerySet[Dialer] = super().get_queryset(request)
        return (
            dialers.filter(not_hidden(request.user))
            .select_related("provider", "campaign", "calendar")
            .annotate(is_running=has(BaseState.RUNNING), is_paused=has(BaseState.PAUSED))
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {**(extra_context or {})}
        dialer = self.get_object(request, object_id) if object_id else None
        if dialer is not None and self.has_view_permission(request, dialer):
            context |= page_context(dialer, request.GET, request.user)
        return super().changeform_view(request, object_id, form_url, context)

    @admin.display(description=_("State"))
    def state_label(self, dialer: Any) -> SafeString:
        if not dialer.enabled:
            return label("grey", _now("switched off"))
        if dialer.is_running:
            return label("green", _now("running"))
        return label("amber", _now("paused")) if dialer.is_paused else label("grey", _now("idle"))

    @admin.display(description=_("Retry after"))
    def retry_minutes(self, dialer: Dialer) -> str:
        n = minutes(dialer.retry_after)
        return ngettext("%(n)s minute", "%(n)s minutes", 1 if n == 1 else 2) % {"n": number_format(n)}
