"""Do not call: looked up, added to and taken from."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from accounts.labels import label, moment
from providers import do_not_call
from providers.admin.labels import phone
from providers.contacts import matching
from providers.forms import DoNotCallForm
from providers.models import DoNotCall
from providers.models.do_not_call import Source

SOURCE_COLOURS: dict[str, str] = {
    Source.OPERATOR: "grey",
    Source.CUSTOMER: "amber",
    Source.PROVIDER: "red",
    Source.EXTERNAL: "blue",
}


@admin.register(DoNotCall)
class DoNotCallAdmin(ModelAdmin):
    """An entry is added or deleted, never changed."""

    form = DoNotCallForm
    paginator = InfinitePaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_display = ["number_label", "provider_name", "source_label", "reason", "since"]
    list_filter = ["source", "provider"]
    list_select_related = ["provider"]
    search_fields = ["number"]
    search_help_text = _("A number in any spelling.")
    ordering = ["-pk"]
    fields = ["number", "provider", "source", "reason"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DoNotCall], search_term: str
    ) -> tuple[QuerySet[DoNotCall], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(number__in=matching(search_term)), False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        entry = do_not_call.add(obj.number, obj.provider, obj.source, obj.reason)
        obj.pk = entry.pk

    @admin.display(description=_("Number"), ordering="number")
    def number_label(self, entry: DoNotCall) -> SafeString:
        return phone(entry.number)

    @admin.display(description=_("SMS provider"))
    def provider_name(self, entry: DoNotCall) -> Any:
        return entry.provider.name if entry.provider else _("all")

    @admin.display(description=_("Source"))
    def source_label(self, entry: DoNotCall) -> SafeString:
        return label(SOURCE_COLOURS[entry.source], entry.get_source_display())

    @admin.display(description=_("Since"))
    def since(self, entry: DoNotCall) -> SafeString | str:
        return moment(entry.created_at)
