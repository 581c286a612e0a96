"""Dialers → Bases: every base of every dialer, found by its name, with how far it is; its own page is a click away."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.labels import label, moment
from dialers.admin.numbers import grouped
from dialers.admin.words import state_of
from dialers.models import Base, BaseState
from dialers.progress import UNPROCESSED
from dialers.visible import bases_visible_to
from providers import tally
from providers.filters import FewChoices
from providers.pages import ReadOnlyList
from providers.unconfirmed import batches_unconfirmed


class AtFilter(admin.SimpleListFilter):
    """Finds bases by what somebody has to do, or to watch."""

    title = _("State")
    parameter_name = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("work", _("running or paused")),
            ("itself", _("paused by themselves")),
            ("unconfirmed", _("with unconfirmed messages")),
            *BaseState.choices,
        ]

    def queryset(self, request: HttpRequest, bases: QuerySet[Base]) -> QuerySet[Base]:
        value = self.value()
        if value == "work":
            return bases.filter(state__in=[BaseState.RUNNING, BaseState.PAUSED])
        if value == "itself":
            return bases.filter(state=BaseState.PAUSED).exclude(reason="")
        if value == "unconfirmed":
            return bases.filter(pk__in=batches_unconfirmed())
        return bases.filter(state=value) if value in BaseState.values else bases


@admin.register(Base)
class BaseAdmin(ReadOnlyList):
    """A list to look at; what is done to a base is done on its dialer's page."""

    empty_text = _("No base yet. One is uploaded on the page of its dialer.")
    list_display = ["name_link", "dialer", "state_label", "done", "uploaded", "created_by"]
    list_display_links = None
    list_filter = [AtFilter, ("dialer", FewChoices)]
    list_select_related = ["dialer", "created_by"]
    search_fields = ["name", "dialer__name"]
    search_help_text = _("A part of the name of a base or of its dialer.")

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """They are thousands, not millions: by name and dialer too."""
        return list(self.list_display)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Base]:
        return bases_visible_to(request.user)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list with the tallies of the bases on this page. One query for them."""
        found = super().get_changelist_instance(request)
        tallies = tally.read([base.pk for base in found.result_list])
        for base in found.result_list:
            base.counts = tallies[base.pk]
        return found

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return HttpResponseRedirect(reverse("admin:dialers_base", args=[object_id]))

    @admin.display(description=_("Name"), ordering="name")
    def name_link(self, base: Base) -> SafeString:
        return format_html(
            '<a class="text-link" href="{}">{}</a>', reverse("admin:dialers_base", args=[base.pk]), base.name
        )

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, base: Base) -> SafeString:
        word, colour = state_of(base)
        return label(colour, word)

    @admin.display(description=_("Processed"))
    def done(self, base: Any) -> str:
        if not base.valid:
            return "–"
        done = base.valid - sum(base.counts[key] for key in UNPROCESSED)
        return _now("%(done)s of %(total)s") % {"done": grouped(done), "total": grouped(base.valid)}

    @admin.display(description=_("Uploaded"), ordering="pk")
    def uploaded(self, base: Base) -> SafeString | str:
        return moment(base.created_at)
