"""The sending rules: one page, never a list."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from providers.models import SendingRules
from providers.pages import Page
from providers.registry_forms import SendingRulesForm
from providers.rules import THE_ROW, current


@admin.register(SendingRules)
class SendingRulesAdmin(Page):
    """There from the first day, with the defaults; supervisors change it."""

    form = SendingRulesForm
    fields = ["messages_per_day", "time_zone", "stop_words", "stop_confirmation"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return current() if object_id == str(THE_ROW) else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return HttpResponseRedirect(reverse("admin:providers_sendingrules_change", args=[THE_ROW]))
