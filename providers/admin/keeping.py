"""The keeping rules on one page, and the record of what was erased on request."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.labels import label, moment
from providers.erasing.words import WORDS
from providers.keeping.rules import current
from providers.models import Erasure, KeepingRules, Pruned
from providers.pages import OnePage, ReadOnlyList

KINDS = {
    "callbacks": _("callbacks"),
    "quarantine": _("quarantined items"),
    "set aside": _("callbacks set aside"),
    "unmatched": _("statuses of unknown messages"),
    "media": _("media"),
    "messages": _("messages"),
    "bases": _("rows and lines of bases"),
    "entries": _("entries of who did what"),
}


@admin.register(KeepingRules)
class KeepingRulesAdmin(OnePage):
    """There from the first day, with the defaults; supervisors change it."""

    fields = [
        "callback_days",
        "set_aside_days",
        "unmatched_days",
        "media_days",
        "message_days",
        "entry_days",
        "so_far",
    ]
    readonly_fields = ["so_far"]

    def the_row(self) -> KeepingRules:
        return current()

    @admin.display(description=_("Removed so far"))
    def so_far(self, _rules: KeepingRules) -> SafeString:
        """How much of what, and when last."""
        gone = Pruned.objects.filter(kind__in=KINDS).exclude(last_at=None).order_by("kind")
        if not gone:
            return format_html(
                "{}", _now("Nothing yet: nothing is as old as that. It is looked every minute.")
            )
        return format_html_join(
            "",
            '<div class="stage"><b>{}</b> <span>{}, {}</span></div>',
            (
                (
                    KINDS.get(one.kind, one.kind),
                    number_format(one.n, force_grouping=True),
                    moment(one.last_at),
                )
                for one in gone
            ),
        )


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyList):
    """Who erased when, and how much; never whose data it was."""

    empty_text = _("Nobody has asked for it yet. The page of a contact offers it.")
    list_display = ["when", "requested_by", "state_label", "what"]
    list_select_related = ["requested_by"]
    search_fields = ["requested_by__username"]
    search_help_text = _("Who asked for it.")
    fields = ["requested_at", "requested_by", "state_label", "finished_at", "what", "stays"]

    @admin.display(description=_("Requested"), ordering="pk")
    def when(self, erasure: Erasure) -> SafeString | str:
        return moment(erasure.requested_at)

    @admin.display(description=_("State"))
    def state_label(self, erasure: Erasure) -> SafeString:
        if erasure.finished_at is None:
            return label("amber", _now("under way"))
        return label("green", pgettext("erasure", "done"))

    @admin.display(description=_("What went"))
    def what(self, erasure: Erasure) -> str:
        told = [
            f"{WORDS.get(key, key)}: {number_format(n, force_grouping=True)}"
            for key, n in erasure.counts.items()
        ]
        if not told and erasure.finished_at is None:
            return _now("Nothing yet: what is just leaving or arriving has to settle first.")
        return ", ".join(told) or _now("Nothing was there.")

    @admin.display(description=_("What stayed"))
    def stays(self, _erasure: Erasure) -> Any:
        return _now("Every count, this record, and an entry in the do-not-call registry if there was one.")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
