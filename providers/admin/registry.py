"""Do not call: looked up, added to, uploaded, and taken from with a reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from accounts.labels import label, moment
from providers import do_not_call
from providers.admin.labels import phone
from providers.errors import Refusal
from providers.filters import FewChoices
from providers.forms import DoNotCallForm
from providers.models import DoNotCall
from providers.models.do_not_call import Source
from providers.numbers import display as readable
from providers.registry_forms import RemoveForm, UploadForm

SOURCE_COLOURS: dict[str, str] = {
    Source.OPERATOR: "grey",
    Source.CUSTOMER: "amber",
    Source.PROVIDER: "red",
    Source.EXTERNAL: "blue",
}
AT_ONCE = 200
SHOWN = 20


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
class DoNotCallAdmin(ModelAdmin):
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload), name="providers_donotcall_upload"),
            path("remove/", view(self.remove), name="providers_donotcall_remove"),
            *super().get_urls(),
        ]

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

    @admin.action(description=_("Remove from the registry"), permissions=["delete"])
    def remove_selected(self, request: HttpRequest, queryset: QuerySet[DoNotCall]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:AT_ONCE])
        return HttpResponseRedirect(f"{reverse('admin:providers_donotcall_remove')}?ids={ids}")

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._remove(request, _ids(object_id))

    def remove(self, request: HttpRequest) -> HttpResponse:
        """Asks why, then takes out the entries in `?ids=`."""
        return self._remove(request, _ids(request.GET.get("ids", "")))

    def _remove(self, request: HttpRequest, ids: list[int]) -> HttpResponse:
        if not self.has_delete_permission(request):
            raise PermissionDenied
        form = RemoveForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                n = do_not_call.remove_many(ids, request.user, form.cleaned_data["reason"], timezone.now())  # type: ignore[arg-type]  # the admin knows no anonymous
            except Refusal as refusal:
                form.add_error("reason", str(refusal))
            else:
                said = ngettext("%(n)d entry was removed.", "%(n)d entries were removed.", n)
                messages.success(request, said % {"n": n})
                return HttpResponseRedirect(reverse("admin:providers_donotcall_changelist"))
        chosen = DoNotCall.objects.filter(pk__in=ids).order_by("-pk").values_list("number", flat=True)
        numbers = [readable(number) for number in chosen]
        context = {"form": form, "numbers": numbers[:SHOWN], "n": len(numbers), "more": len(numbers) - SHOWN}
        return self._page(request, "registry_remove", _now("Remove from the registry"), context)

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Asks for a file, enters its numbers, and leads to what became of them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            terms = do_not_call.Terms(given["provider"], given["source"], given["reason"], given["country"])
            try:
                done = do_not_call.add_many(
                    given["file"].file,
                    given["file"].name,
                    terms,
                    request.user,  # type: ignore[arg-type]  # the admin knows no anonymous
                    timezone.now(),
                )
            except Refusal as refusal:
                form.add_error("file", str(refusal))
            else:
                return HttpResponseRedirect(reverse("admin:providers_donotcallupload_change", args=[done.pk]))
        return self._page(request, "registry_upload", _now("Upload numbers"), {"form": form})

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context}
        return render(request, f"admin/providers/{name}.html", whole)

    @admin.display(description=_("SMS provider"))
    def holds_at(self, entry: DoNotCall) -> Any:
        return provider_name(entry)

    @admin.display(description=_("Entered by"))
    def entered_by(self, entry: DoNotCall) -> str:
        return str(entry.created_by or "–")

    @admin.display(description=_("Since"))
    def since(self, entry: DoNotCall) -> SafeString | str:
        return moment(entry.created_at)


def _ids(raw: str) -> list[int]:
    """The ids between commas, AT_ONCE at most; what can be no id is left out."""
    return [int(part) for part in raw.split(",") if part.isdecimal() and len(part) < 19][:AT_ONCE]
