"""Alerts: the list, open ones first; one with whom it was told; the rules, with *Send a test*."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from accounts.labels import label, moment
from providers.pages import OnePage, ReadOnlyList, change_url
from ucontact_wavy.admin.alert_rules import AlertRulesForm
from ucontact_wavy.alerts import channels, how_many, reading, rules, sentences, trying
from ucontact_wavy.models import Alert, AlertDelivery, AlertRules, Channel, DeliveryState

DELIVERY_COLOURS = {DeliveryState.WAITING: "grey", DeliveryState.DONE: "green", DeliveryState.FAILED: "red"}


class StateFilter(admin.SimpleListFilter):
    """Open ones, or those that are over."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", pgettext_lazy("alert", "open")), ("over", _("over"))]

    def queryset(self, request: HttpRequest, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() == "open":
            return alerts.filter(until=None)
        return alerts.exclude(until=None) if self.value() == "over" else alerts


@admin.register(Alert)
class AlertAdmin(ReadOnlyList):
    """Each a sentence with its act."""

    empty_text = _("Nothing is wrong. What needs a person appears here, with what to do about it.")
    list_before_template: Any = "admin/house/about_alerts.html"
    list_display = ["since_label", "state_label", "what", "kind_label", "how_long"]
    list_filter = [StateFilter, "kind"]
    ordering = [F("until").desc(nulls_first=True), "-pk"]
    fields = ["what", "kind_label", "state_label", "since_label", "how_long", "told_to"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return reading.visible(request.user)

    def get_urls(self) -> list[URLPattern]:
        own = path("open/", self.admin_site.admin_view(self.open_now), name="house_alert_open")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {
            **(extra_context or {}),
            "may_set_rules": request.user.has_perm("house.change_alertrules"),
            "unwatched": [one for one in reading.open_alerts(request.user) if not one.id],
        }
        return super().changelist_view(request, context)

    def open_now(self, request: HttpRequest) -> HttpResponse:
        """What the mark in the header asks for every few seconds: `{n, words}`."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        n = how_many(request.user)
        words = ngettext("%(n)d open alert", "%(n)d open alerts", n) % {"n": n}
        return JsonResponse({"n": n, "words": words}, headers={"Cache-Control": "no-store"})

    @admin.display(description=_("Since"), ordering="since")
    def since_label(self, alert: Alert) -> SafeString | str:
        return moment(alert.since)

    @admin.display(description=_("State"))
    def state_label(self, alert: Alert) -> SafeString:
        return label(alert.level, pgettext("alert", "open")) if alert.is_open else label("grey", _now("over"))

    @admin.display(description=_("What"))
    def what(self, alert: Alert) -> SafeString:
        act, url = sentences.act(alert)
        return format_html(
            '<span class="alert-what">{} <a class="text-link" href="{}">{}</a></span>',
            sentences.sentence(alert, alert.until or timezone.now()),
            url,
            act,
        )

    @admin.display(description=_("Kind"), ordering="kind")
    def kind_label(self, alert: Alert) -> str:
        return str(alert.get_kind_display())

    @admin.display(description=_("End"))
    def how_long(self, alert: Alert) -> str:
        return sentences.ending(alert) or "–"

    @admin.display(description=_("Told to"))
    def told_to(self, alert: Alert) -> SafeString:
        """Each recipient of each event: when, or why not."""
        deliveries = alert.deliveries.order_by("pk")
        if not deliveries:
            return format_html("{}", _now("Nobody: no address and no webhook was set."))
        return format_html_join("", '<div class="stage">{} · {} · {} {}</div>', map(_told, deliveries))


def _told(delivery: AlertDelivery) -> tuple[Any, ...]:
    return (
        delivery.get_event_display(),
        delivery.address or _now("webhook"),
        label(DELIVERY_COLOURS[DeliveryState(delivery.state)], delivery.get_state_display()),
        moment(delivery.told_at) if delivery.told_at else channels.why(delivery.error),
    )


@admin.register(AlertRules)
class AlertRulesAdmin(OnePage):
    """What is watched, where the limits are, whom it is told."""

    form = AlertRulesForm
    change_form_outer_before_template: Any = "admin/house/no_mail.html"
    change_form_outer_after_template: Any = "admin/house/try_alerts.html"
    fieldsets = (
        (None, {"fields": ("watched",)}),
        (
            _("Limits"),
            {
                "fields": (
                    "failure_percent",
                    "silent_minutes",
                    "quarantine_items",
                    "set_aside_callbacks",
                    "unmatched_statuses",
                    "worker_seconds",
                )
            },
        ),
        (_("Told to"), {"fields": ("emails", "webhook_url", "webhook_secret")}),
    )

    def the_row(self) -> AlertRules:
        return rules.current()

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "test/<str:channel>/", self.admin_site.admin_view(self.send_test), name="house_alertrules_test"
        )
        return [own, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            **(extra_context or {}),
            "mail_configured": channels.mail_configured(),
            "may_try": self.has_change_permission(request),
            "tests": [
                (channel.label, reverse("admin:house_alertrules_test", args=[channel.value]))
                for channel in Channel
            ],
        }
        return super().changeform_view(request, object_id, form_url, context)

    def send_test(self, request: HttpRequest, channel: str) -> HttpResponse:
        """Tells what is typed in the form, saved or not, a test; answers with a sentence for each recipient."""
        if request.method != "POST" or not self.has_change_permission(request) or channel not in Channel:
            raise PermissionDenied
        typed = AlertRulesForm(request.POST, instance=rules.current())
        reports = trying.send_test(Channel(channel), typed, timezone.now())
        name = "test_reports" if request.headers.get("HX-Request") else "test_page"
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Send a test"),
            "reports": reports,
            "back": change_url(AlertRules(pk=self.key)),
        }
        return render(request, f"admin/house/{name}.html", context)
