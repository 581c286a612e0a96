"""What Wavy called back with, as it came, and what could not be applied: to look at and to apply again."""

import json
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.choices import FEW
from accounts.labels import label, moment
from providers.callbacks.reasons import WHY, why
from providers.callbacks.replay import put_back
from providers.drivers.loose_json import clean
from providers.errors import Refusal
from providers.filters import FewChoices
from providers.models import Callback, Provider, QuarantinedItem, UnmatchedStatus
from providers.models.callback import CallbackState
from providers.pages import ReadOnlyList, change_url

SHOWN = 100_000  # characters of a body; a bulk callback may hold ten megabytes
SEARCHED = 10_000  # of the newest items in quarantine
STATE_COLOURS = {CallbackState.NEW: "grey", CallbackState.DONE: "green", CallbackState.FAILED: "red"}


def readable_body(body: bytes | memoryview) -> str:
    """A body as text: indented where it is JSON, else as it came; cut at SHOWN."""
    text = bytes(body[: SHOWN * 4]).decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return Truncator(clean(text)).chars(SHOWN)


class Replayed(ReadOnlyList):
    """A list whose rows a supervisor may have applied again."""

    actions = ["replay"]
    change_form_outer_before_template: Any = "admin/providers/replay.html"

    def callbacks_of(self, rows: QuerySet[Any]) -> QuerySet[Callback]:
        """The callbacks that some rows of the list are of."""
        raise NotImplementedError

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return getattr(request.user, "is_supervisor", False)

    def get_urls(self) -> list[URLPattern]:
        name = f"providers_{self.opts.model_name}_replay"
        return [
            path("<int:pk>/replay/", self.admin_site.admin_view(self.replay_one), name=name),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may = self.has_replay_permission(request)
        address = reverse(f"admin:providers_{self.opts.model_name}_replay", args=[object_id]) if may else ""
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "replay_address": address}
        )

    def replay_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The button of one row's page."""
        if request.method != "POST" or not self.has_replay_permission(request):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            raise Http404
        self._replay(request, self.model._default_manager.filter(pk=pk))
        return HttpResponseRedirect(change_url(row))

    @admin.action(description=_("Replay: apply again"), permissions=["replay"])
    def replay(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        self._replay(request, rows)

    def _replay(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        try:
            n = put_back(self.callbacks_of(rows))
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return
        said = ngettext(
            "%(n)d callback is being applied again. What still cannot be is back here in a moment, with the reason.",
            "%(n)d callbacks are being applied again. What still cannot be is back here in a moment, with the reason.",
            n,
        )
        messages.success(request, said % {"n": n})


@admin.register(Callback)
class CallbackAdmin(Replayed):
    """The inbox."""

    empty_text = _("No callback yet. Give Wavy the two addresses that stand on the page of the provider.")
    list_display = ["received", "kind", "provider", "state_label", "what_happened"]
    list_filter = ["state", "kind", ("provider", FewChoices)]
    list_select_related = ["provider"]
    search_fields = ["pk"]
    search_help_text = _("The number of a callback.")
    fields = [
        "received_at",
        "kind",
        "provider",
        "state_label",
        "attempts",
        "processed_at",
        "what_happened",
        "body_text",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Callback], search_term: str
    ) -> tuple[QuerySet[Callback], bool]:
        number = search_term.strip().lstrip("#")
        if not number:
            return queryset, False
        known = number.isascii() and number.isdecimal() and len(number) < 19
        return queryset.filter(pk=int(number)) if known else queryset.none(), False

    def callbacks_of(self, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        return Callback.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Callback]:
        callbacks: QuerySet[Callback] = super().get_queryset(request)
        items = QuarantinedItem.objects.filter(callback=OuterRef("pk")).order_by().values("callback")
        return callbacks.defer("body").annotate(
            items_set_aside=Subquery(items.annotate(n=Count("pk")).values("n"))
        )

    @admin.display(description=_("Received"), ordering="pk")
    def received(self, callback: Callback) -> SafeString | str:
        return moment(callback.received_at)

    @admin.display(description=_("State"))
    def state_label(self, callback: Callback) -> SafeString:
        return label(STATE_COLOURS[CallbackState(callback.state)], callback.get_state_display())

    @admin.display(description=_("What could not be applied"))
    def what_happened(self, callback: Callback) -> SafeString | str:
        """Why it was set aside as a whole, or which of its items were."""
        if callback.error:
            return Truncator(why(callback.error)).chars(400)
        n = getattr(callback, "items_set_aside", 0)
        if not n:
            return "–"
        return format_html(
            '<a class="text-link" href="{}?callback={}">{}</a>',
            reverse("admin:providers_quarantineditem_changelist"),
            callback.pk,
            ngettext("%(n)d item in quarantine", "%(n)d items in quarantine", n) % {"n": n},
        )

    @admin.display(description=_("As it came"))
    def body_text(self, callback: Callback) -> SafeString:
        return format_html('<pre class="raw">{}</pre>', readable_body(callback.body))


class ReasonFilter(admin.SimpleListFilter):
    """Items by why they are in quarantine."""

    title = _("reason")
    parameter_name = "why"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WHY.items())

    def queryset(self, request: HttpRequest, items: QuerySet[Any]) -> QuerySet[Any]:
        begin = self.value()
        return items.filter(reason__startswith=begin) if begin in WHY else items


@admin.register(QuarantinedItem)
class QuarantinedItemAdmin(Replayed):
    """Items that could not be applied, each with its reason."""

    empty_text = _(
        "Nothing here, as it should be: what came in and could not be applied is kept here with its reason."
    )
    list_display = ["since", "reason_sentence", "beginning", "callback_link"]
    list_filter = [ReasonFilter, "callback__kind", ("callback__provider", FewChoices)]
    list_select_related = ["callback"]
    search_fields = ["raw"]
    search_help_text = _(
        "A part of what came, such as a number or an id; the newest 10,000 are looked through."
    )
    fields = ["created_at", "reason_sentence", "reason", "callback_link", "index", "raw_text"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[QuarantinedItem], search_term: str
    ) -> tuple[QuerySet[QuarantinedItem], bool]:
        wanted = search_term.strip()
        if not wanted:
            return queryset, False
        newest = QuarantinedItem.objects.order_by("-pk").values("pk")[:SEARCHED]
        return queryset.filter(pk__in=newest, raw__icontains=wanted), False

    def callbacks_of(self, rows: QuerySet[QuarantinedItem]) -> QuerySet[Callback]:
        return Callback.objects.filter(pk__in=set(rows.values_list("callback_id", flat=True)))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "callback" or super().lookup_allowed(lookup, value, request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedItem]:
        items: QuerySet[QuarantinedItem] = super().get_queryset(request)
        return items.defer("callback__body")

    @admin.display(description=_("Since"), ordering="pk")
    def since(self, item: QuarantinedItem) -> SafeString | str:
        return moment(item.created_at)

    @admin.display(description=_("Why"))
    def reason_sentence(self, item: QuarantinedItem) -> str:
        return why(item.reason)

    @admin.display(description=_("Begins with"))
    def beginning(self, item: QuarantinedItem) -> SafeString:
        return format_html('<code class="clip">{}</code>', Truncator(item.raw).chars(80))

    @admin.display(description=_("Callback"))
    def callback_link(self, item: QuarantinedItem) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', change_url(item.callback), item.callback)

    @admin.display(description=_("As it came"))
    def raw_text(self, item: QuarantinedItem) -> SafeString:
        return format_html('<pre class="raw">{}</pre>', Truncator(item.raw).chars(SHOWN))


@admin.register(UnmatchedStatus)
class UnmatchedStatusAdmin(ReadOnlyList):
    """Statuses of messages that no ledger of ours holds: sent from elsewhere, or not answered for yet."""

    empty_text = _("Nothing here: every status so far was of a message that was sent from here.")
    list_before_template: Any = "admin/providers/about_unmatched.html"
    list_display = ["since", "provider", "told", "their_id", "our_id", "callback_link"]
    list_filter = [("provider", FewChoices)]
    list_select_related = ["provider", "callback"]
    search_fields = ["provider_message_id"]
    search_help_text = _("The provider's message id, whole.")
    fields = ["since", "provider", "told", "their_id", "our_id", "callback_link"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[UnmatchedStatus], search_term: str
    ) -> tuple[QuerySet[UnmatchedStatus], bool]:
        if not search_term.strip():
            return queryset, False
        found = queryset.filter(provider_message_id=search_term.strip())
        everywhere = list(
            Provider.objects.values_list("pk", flat=True)[: FEW + 1]
        )  # so that the index by id serves
        return (found if len(everywhere) > FEW else found.filter(provider__in=everywhere)), False

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnmatchedStatus]:
        kept: QuerySet[UnmatchedStatus] = super().get_queryset(request)
        return kept.defer("callback__body")

    @admin.display(description=_("Since"), ordering="pk")
    def since(self, kept: UnmatchedStatus) -> SafeString | str:
        return moment(kept.created_at)

    @admin.display(description=_("State"))
    def told(self, kept: UnmatchedStatus) -> str:
        return kept.item.get("state") or kept.item.get("raw_code") or _now("unknown")

    @admin.display(description=_("provider's message id"))
    def their_id(self, kept: UnmatchedStatus) -> str:
        return kept.provider_message_id or "–"

    @admin.display(description=_("correlation id"))
    def our_id(self, kept: UnmatchedStatus) -> str:
        return kept.correlation_id or "–"

    @admin.display(description=_("Callback"))
    def callback_link(self, kept: UnmatchedStatus) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', change_url(kept.callback), kept.callback)
