"""A loaded base as its own preview: what customers will read, what was found, how long it takes, what to mind."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from dialers import reports
from dialers.admin.dates import shown_dates
from dialers.admin.duration import estimate_words
from dialers.admin.findings import invalid_by_reason, notes, templates_of
from dialers.admin.test_page import test_context
from dialers.admin.warnings import before_start, capped_words
from dialers.admin.words import columns_of, format_of, terms_of
from dialers.admin.work import Route, Views, require
from dialers.bases import WAITS_FOR_END
from dialers.models import Base, BaseState
from dialers.open_windows import free_text
from dialers.visible import bases_visible_to
from providers.templates import TemplateBook

FIRST, MORE, MOST = 3, 10, 103  # bubbles at once, with each “more”, at the most


class Preview(Views):
    """The preview, as a part of the page or as a page of its own."""

    def routes(self) -> list[Route]:
        return [
            ("bases/<int:base_id>/preview/", self.preview, "base_preview"),
            ("bases/<int:base_id>/bubbles/", self.bubbles, "base_bubbles"),
        ]

    def preview(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """A fragment for the page, a page of its own without scripts."""
        require(request, "view_base")
        return self.shown(request, base_id)

    def shown(self, request: HttpRequest, base_id: int, **more: Any) -> HttpResponse:
        """The base as it is now; `typed` and `terms_refused` keep what was not taken."""
        base = get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider", "cap_override_by"), pk=base_id
        )
        templates = TemplateBook(base.dialer.provider)
        context = {
            **bubbles_context(request, base, templates),
            **base_context(base, timezone.now(), templates),
            **test_context(request, base),
            "dates": shown_dates(base, more.get("typed")),
            "may_act": request.user.has_perm("dialers.change_base"),
            **more,
        }
        if request.headers.get("HX-Request"):
            return render(request, "admin/dialers/preview.html", context)
        context |= {**self.site.each_context(request), "title": _("Preview of %(name)s") % {"name": base}}
        return render(request, "admin/dialers/preview_page.html", context)

    def bubbles(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """More of the messages, for the page."""
        require(request, "view_base")
        base = get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider"), pk=base_id
        )
        return render(request, "admin/dialers/bubbles.html", bubbles_context(request, base))


def bubbles_context(
    request: HttpRequest, base: Base, templates: TemplateBook | None = None
) -> dict[str, Any]:
    """The first messages, `?rows=` of them, and how many the next look would show."""
    asked = request.GET.get("rows", "")
    wanted = min(max(int(asked), 1), MOST) if asked.isdecimal() and len(asked) < 5 else FIRST
    rows = reports.preview(base, wanted, templates)
    more = min(wanted + MORE, MOST)
    return {"base": base, "rows": rows, "more": more if len(rows) == wanted < min(base.valid, MOST) else 0}


def base_context(base: Base, now: datetime, templates: TemplateBook | None = None) -> dict[str, Any]:
    """The figures of a base, and for a ready one what concerns its start. Bounded queries for a million rows."""
    ready = base.state == BaseState.READY
    return {
        "found": format_of(base),
        "invalid": invalid_by_reason(base),
        "notes": list(notes(base, free_text(base, now))),
        "templates": templates_of(base),
        "columns": columns_of(base),
        "terms": terms_of(base, now),
        "at_work": base.state in WAITS_FOR_END,
        "warnings": before_start(base, now, templates) if ready else [],
        "capped": capped_words(base, now) if base.state in WAITS_FOR_END else "",
        "estimate": estimate_words(base, now) if ready else [],
    }
