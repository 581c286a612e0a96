"""Do not call: looked up, added to, uploaded, and taken from with a reason."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from accounts.labels import label, moment
from providers import do_not_call
from providers.admin.labels import phone
from providers.admin.registry_pages import RegistryPages
from providers.filters import FewChoices
from providers.forms import DoNotCallForm
from providers.models import DoNotCall
from providers.models.do_not_call import Source

SOURCE_COLOURS: dict[str, str] = {
    Source.OPERATOR: "grey",
    Source.CUSTOMER: "amber",
    Source.PROVIDER: "red",
    Source.EXTERNAL: "blue",
}


@admin.display(description=_("Number"), ordering="number")
def number_label(entry: Any) -> SafeString:
    """The number of an entry or a removal."""
    return phone(entry.number)


@admin.display(description=_("SMS provider"))
def provider_name(entry: Any) -> Any:
    """Where an entry, a removal or an upload holds."""
    return entry.provider.name if entry.provider else _("all")


@admin.display(description=_("Source"))
def source_label(entry: Any) -> SafeString:
    """The source of an entry, a removal or an upload."""
    return label(SOURCE_COLOURS[entry.source], entry.get_source_display())


@admin.register(DoNotCall)
class DoNotCallAdmin(RegistryPages):
    """An entry is added, or removed with a reason; never changed."""

    empty_text = _("No number yet. Add one, or upload a file; who opts out comes here by itself.")
    form = DoNotCallForm
    paginator = InfinitePaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_before_template: Any = "admin/providers/registry_acts.html"
    change_form_outer_before_template: Any = "admin/providers/registry_entry.html"
    list_display = [number_label, provider_name, source_label, "reason", "entered_by", "since"]
    list_filter = ["source", ("provider", FewChoices)]
    list_select_related = ["provider", "created_by"]
    search_fields = ["number"]
    search_help_text = _("A number in any spelling, or a part of it.")
    ordering = ["-pk"]
    sortable_by: ClassVar[Any] = [number_label]
    fields = ["number", "provider", "source", "reason"]
    actions = ["remove_selected"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["number", "holds_at", "source", "reason", "entered_by", "since"] if obj else self.fields

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DoNotCall], search_term: str
    ) -> tuple[QuerySet[DoNotCall], bool]:
        if not search_term.strip():
            return queryset, False
        return do_not_call.search(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        entry = do_not_call.add(obj.number, obj.provider, obj.source, obj.reason, request.user)  # type: ignore[arg-type]  # the admin knows no anonymous
        obj.pk = entry.pk

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        context = {**(extra_context or {}), "may_upload": self.has_add_permission(request)}
        return super().changelist_view(request, context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"may_remove": self.has_delete_permission(request), "show_delete": False}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **context})

    @admin.display(description=_("SMS provider"))
    def holds_at(self, entry: DoNotCall) -> Any:
        return provider_name(entry)

    @admin.display(description=_("Entered by"))
    def entered_by(self, entry: DoNotCall) -> str:
        return str(entry.created_by or "–")

    @admin.display(description=_("Since"))
    def since(self, entry: DoNotCall) -> SafeString | str:
        return moment(entry.created_at)
