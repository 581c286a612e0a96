"""Providers → SMS: the guide's form, the connection test, and what to give to Wavy."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.labels import label, moment
from providers import config
from providers.admin.addresses import AddressPages, shown
from providers.admin.labels import phone
from providers.admin.patterns import trial_url
from providers.admin.template_pages import may_change, sync_line
from providers.drivers import driver_for
from providers.errors import kind_of
from providers.forms import ProviderForm, provider_to_test
from providers.minutes import silent_providers
from providers.models import Provider, RefusedCallbacks, TemplateSync
from providers.statuses import unmatched_of

GUIDE_FIELDS = ("api_type", "name", "number", "username", "password", "sms_regexp", "sms_from", "default")
PACE_FIELDS = ("messages_per_second", "daily_limit", "recipients_per_request")


class HealthFilter(admin.SimpleListFilter):
    """Finds the providers that fail, by how."""

    title = _("State")
    parameter_name = "health"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("failing", _("failing in any way")),
            ("suspended", _("username or password turned away")),
            ("silent", _("callbacks silent")),
            ("refused", _("callbacks turned away")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Provider]) -> QuerySet[Provider]:
        ways = {
            "suspended": Q(suspended_at__isnull=False),
            "silent": Q(pk__in=silent_providers(timezone.now())),
            "refused": Q(
                number__in=RefusedCallbacks.objects.filter(n__gt=0).exclude(number="").values("number")
            ),
        }
        value = self.value()
        if value == "failing":
            return queryset.filter(ways["suspended"] | ways["silent"] | ways["refused"])
        return queryset.filter(ways[value]) if value in ways else queryset


@admin.register(Provider)
class ProviderAdmin(AddressPages):
    """One approved number each; operators look, supervisors configure."""

    empty_text = _("No provider yet. It holds the user name, password and number that Wavy gave you.")
    form = ProviderForm
    next_step = _("Now give Wavy the two addresses below.")
    list_display = ["name", "number_label", "api_type", "health", "callback_age", "default_label"]
    list_filter = [HealthFilter, "api_type"]
    search_fields = ["name", "number", "username"]
    ordering = ["name"]
    change_form_outer_before_template: Any = "admin/providers/suspended.html"
    change_form_outer_after_template: Any = "admin/providers/give_to_wavy.html"

    class Media:
        js = ["admin_pages/copy.js", "admin_pages/api_type.js"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        configures = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        guide = GUIDE_FIELDS if configures else tuple(name for name in GUIDE_FIELDS if name != "password")
        own = (*guide, "sealed_password") if configures else guide
        return [(None, {"fields": own}), (_("Pace"), {"fields": PACE_FIELDS})]

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "test-connection/",
            self.admin_site.admin_view(self.test_connection),
            name="providers_provider_test_connection",
        )
        return [own, trial_url(self.admin_site), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        config.save_provider(obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        provider = self.get_object(request, object_id)
        context = {**(extra_context or {}), "provider": provider}
        context["sends_sms"] = provider is not None and driver_for(provider.api_type).segmented
        if provider is not None and driver_for(provider.api_type).templates:
            found = TemplateSync.objects.filter(provider=provider).first()
            context |= {"templates_line": sync_line(provider, found), "may_sync": may_change(request)}
        if provider is not None and self.has_view_permission(request, provider):
            context["refused"] = config.refused_callbacks(provider)
            context["last_refused"] = moment(context["refused"].last_at)
            context["last_callback"] = moment(provider.last_callback_at)
            context["unmatched"] = unmatched_of(provider)
            if provider.suspended_at:
                context["suspended_why"] = kind_of(provider.suspended_reason).sentence
            if self.has_change_permission(request, provider):
                context["urls"] = config.callback_urls(provider)
                context["pairs"] = [shown(pair) for pair in config.callback_addresses(provider)]
        return super().change_view(request, object_id, form_url, context)

    def test_connection(self, request: HttpRequest) -> HttpResponse:
        """Tries what is typed in the form, saved or not; answers with a sentence and changes nothing."""
        stored = self.get_object(request, request.GET["provider"]) if "provider" in request.GET else None
        allowed = self.has_change_permission(request, stored) if stored else self.has_add_permission(request)
        if not allowed or request.method != "POST":
            raise PermissionDenied
        candidate = provider_to_test(request.POST, stored)
        if not candidate.username or not candidate.password:
            report = config.ConnectionReport(False, gettext("Enter the username and the password first."))
        else:
            report = config.test_connection(candidate)
        name = "connection_report" if request.headers.get("HX-Request") else "connection_page"
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Test connection"),
            "report": report,
        }
        return render(request, f"admin/providers/{name}.html", context)

    @admin.display(description=_("Number"), ordering="number")
    def number_label(self, provider: Provider) -> SafeString:
        return phone(provider.number)

    @admin.display(description=_("State"))
    def health(self, provider: Provider) -> SafeString:
        if provider.suspended_at:
            return label("red", _("username or password turned away"))
        return label("green", _("in service"))

    @admin.display(description=_("Default"), ordering="default")
    def default_label(self, provider: Provider) -> SafeString | str:
        """One of them is; the others lack nothing."""
        return label("blue", _("Default")) if provider.default else "–"

    @admin.display(description=_("Last callback"), ordering="last_callback_at")
    def callback_age(self, provider: Provider) -> SafeString | str:
        return moment(provider.last_callback_at)
