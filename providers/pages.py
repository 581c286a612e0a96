"""What the admin pages share: where a first save leads, deletes that say why not, lists to look at."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.paginator import InfinitePaginator

from accounts.history import Told
from providers.deletion import require_unused
from providers.errors import Refusal
from providers.models import Provider


def change_url(obj: Model) -> str:
    """The address of an object's own page."""
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


class Page(Told):
    """A form in the guide's words.

    After the first save one lands on the object's own page, where the guide goes on (`next_step`). What is
    still used is not deleted, and the page says so without listing a million rows.
    """

    next_step: ClassVar[Any] = ""
    empty_text: ClassVar[Any] = ""  # what an empty list says
    list_before_template: Any = None
    change_form_outer_before_template: Any = None
    change_form_outer_after_template: Any = None

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        if {"_continue", "_addanother", "_saveasnew", "_popup"} & request.POST.keys():
            return super().response_add(request, obj, post_url_continue)
        saved = _("%(kind)s “%(name)s” was saved.")
        text = saved % {"kind": capfirst(obj._meta.verbose_name), "name": obj}
        messages.success(request, f"{text} {self.next_step}".rstrip())
        return HttpResponseRedirect(change_url(obj))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_delete_permission(request, obj):
            try:
                require_unused(obj)
            except Refusal as refusal:
                messages.error(request, str(refusal))
                return HttpResponseRedirect(change_url(obj))
        return super().delete_view(request, object_id, extra_context)


class OnePage(Page):
    """The form of what there is one of: there from the first day with its defaults, never a list."""

    key: ClassVar[int] = 1

    def the_row(self) -> Any:
        """The row, or an unsaved one with the defaults."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return self.the_row() if object_id == str(self.key) else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        options = self.model._meta
        return HttpResponseRedirect(
            reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[self.key])
        )


class PageAtProvider(Page):
    """The form of what needs a provider (`lacks_provider` where there is none) and has hours of its own."""

    change_form_outer_before_template: Any = "admin/providers/create_first.html"

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "time_zone": getattr(request.user, "time_zone", "UTC"),
            **super().get_changeform_initial_data(request),
        }

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {**(extra_context or {}), "lacks_provider": not Provider.objects.exists()}
        return super().changeform_view(request, object_id, form_url, context)


def _order_of(page: Any, column: Any) -> str:
    display = column if callable(column) else getattr(page, column, None)
    return str(getattr(display, "admin_order_field", ""))


class ReadOnlyList(Page):
    """A list that is only looked at, and never counted: page by page, newest first."""

    paginator: ClassVar[Any] = InfinitePaginator
    show_full_result_count = False
    list_disable_select_all = True
    list_per_page = 50
    actions: Any = None
    ordering = ["-pk"]

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """By time alone: nobody waits until a million rows are put into another order."""
        columns = self.get_list_display(request)
        return [one for one in columns if _order_of(self, one) == "pk"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
