"""The registry's own pages: numbers uploaded, and entries taken out with a reason."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import LooksUp
from providers import do_not_call
from providers.errors import Refusal
from providers.models import DoNotCall
from providers.numbers import display as readable
from providers.registry_forms import RemoveForm, UploadForm

AT_ONCE = 200
SHOWN = 20


class RegistryPages(LooksUp):
    """Beside the list and the form of an entry."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload), name="providers_donotcall_upload"),
            path("remove/", view(self.remove), name="providers_donotcall_remove"),
            *super().get_urls(),
        ]

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


def _ids(raw: str) -> list[int]:
    """The ids between commas, AT_ONCE at most; what can be no id is left out."""
    return [int(part) for part in raw.split(",") if part.isdecimal() and len(part) < 19][:AT_ONCE]
