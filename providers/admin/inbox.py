"""What Wavy called back with, as it came, and what could not be applied. To look at only."""

import json
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.labels import label, moment
from providers.models import Callback, QuarantinedItem
from providers.models.callback import CallbackState
from providers.pages import ReadOnlyList

SHOWN = 100_000  # characters of a body; a bulk callback may hold ten megabytes
STATE_COLOURS = {CallbackState.NEW: "grey", CallbackState.DONE: "green", CallbackState.FAILED: "red"}


def readable_body(body: bytes | memoryview) -> str:
    """A body as text: indented where it is JSON, else as it came; cut at SHOWN."""
    text = bytes(body[: SHOWN * 4]).decode("utf-8", "replace")
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return Truncator(text).chars(SHOWN)


@admin.register(Callback)
class CallbackAdmin(ReadOnlyList):
    """The inbox."""

    empty_text = _("No callback yet. Give Wavy the two addresses that stand on the page of the provider.")
    list_display = ["received", "kind", "provider", "state_label", "error_begin"]
    list_filter = ["kind", "state", "provider"]
    list_select_related = ["provider"]
    fields = [
        "received_at",
        "kind",
        "provider",
        "state_label",
        "attempts",
        "processed_at",
        "error",
        "body_text",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Callback]:
        callbacks: QuerySet[Callback] = super().get_queryset(request)
        return callbacks.defer("body")

    @admin.display(description=_("Received"), ordering="pk")
    def received(self, callback: Callback) -> SafeString | str:
        return moment(callback.received_at)

    @admin.display(description=_("State"))
    def state_label(self, callback: Callback) -> SafeString:
        return label(STATE_COLOURS[CallbackState(callback.state)], callback.get_state_display())

    @admin.display(description=_("Error"))
    def error_begin(self, callback: Callback) -> str:
        return Truncator(callback.error).chars(80)

    @admin.display(description=_("As it came"))
    def body_text(self, callback: Callback) -> SafeString:
        return format_html('<pre class="raw">{}</pre>', readable_body(callback.body))


@admin.register(QuarantinedItem)
class QuarantinedItemAdmin(ReadOnlyList):
    """Items that could not be applied, each with its reason."""

    empty_text = _(
        "Nothing here, as it should be: what came in and could not be applied is kept here with its reason."
    )
    list_display = ["since", "reason_begin", "callback_name", "index"]
    list_select_related = ["callback"]
    fields = ["created_at", "reason", "callback", "index", "raw_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuarantinedItem]:
        items: QuerySet[QuarantinedItem] = super().get_queryset(request)
        return items.defer("callback__body")

    @admin.display(description=_("Since"), ordering="pk")
    def since(self, item: QuarantinedItem) -> SafeString | str:
        return moment(item.created_at)

    @admin.display(description=_("Reason"))
    def reason_begin(self, item: QuarantinedItem) -> str:
        return Truncator(item.reason).chars(100)

    @admin.display(description=_("Callback"))
    def callback_name(self, item: QuarantinedItem) -> Any:
        return str(item.callback)

    @admin.display(description=_("As it came"))
    def raw_text(self, item: QuarantinedItem) -> SafeString:
        return format_html('<pre class="raw">{}</pre>', Truncator(item.raw).chars(SHOWN))
