"""A base after its start: its page with the funnel, the rows behind each number, export, recycling, the unconfirmed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.spreadsheets import separator
from dialers import downloads, recycling, rows, unconfirmed
from dialers.admin.chart import bars, chart_of
from dialers.admin.numbers import grouped
from dialers.admin.shown import RowShown, again_groups, decided, headline, shown
from dialers.admin.work import Route, Views, in_place, require
from dialers.funnel import dialer_counts
from dialers.keeping import pruned
from dialers.models import Base
from dialers.visible import bases_visible_to, dialers_visible_to
from providers import tally
from providers.errors import Refusal
from providers.models import Message
from providers.states import State

PER_PAGE = 50


class Outcomes(Views):
    """The pages of one base, and a dialer's own funnel."""

    def routes(self) -> list[Route]:
        return [
            ("bases/<int:base_id>/", self.page, "base"),
            ("bases/<int:base_id>/funnel/", self.live, "base_funnel"),
            ("bases/<int:base_id>/rows/", self.list_rows, "base_rows"),
            ("bases/<int:base_id>/export/", self.export, "base_export"),
            ("bases/<int:base_id>/again/", self.again, "base_again"),
            ("bases/<int:base_id>/unconfirmed/", self.list_unconfirmed, "base_unconfirmed"),
            ("<int:dialer_id>/funnel/", self.dialer, "dialer_funnel"),
        ]

    def page(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """How far it came, and why what did not arrive did not."""
        base = self._base(request, base_id)
        context = chart_of(base, timezone.now()) | {
            "may_make": request.user.has_perm("dialers.add_base"),
            "at_end": base.state in recycling.AT_AN_END,
            "pruned": pruned(base),
            "made": Base.objects.filter(recycled_from=base).order_by("-pk")[:20],
            "decided": decided(base),
        }
        return self._page(request, "base_page", _("Funnel of %(name)s") % {"name": base}, context)

    def live(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """The part of the page that keeps itself fresh."""
        return render(
            request, "admin/dialers/funnel.html", chart_of(self._base(request, base_id), timezone.now())
        )

    def dialer(self, request: HttpRequest, dialer_id: int) -> HttpResponse:
        """The funnel of all of a dialer's bases, a fragment of its page."""
        require(request, "view_dialer")
        dialer = get_object_or_404(dialers_visible_to(request.user), pk=dialer_id)
        counts = dialer_counts(dialer)
        total = sum(n for key, n in counts.items() if key != "replied")
        return render(
            request,
            "admin/dialers/dialer_funnel.html",
            {"dialer": dialer, "bars": bars(counts, total), "total": total},
        )

    def list_rows(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """The rows behind one number, page by page."""
        base, wanted = self._base(request, base_id), self._wanted(request)
        try:
            found = rows.page(base, wanted, request.GET.get("after", ""), PER_PAGE)
        except ValueError as error:
            raise Http404 from error
        query = request.GET.copy()
        query["after"] = found.following
        filters = request.GET.copy()
        filters.pop("after", None)
        listed: list[RowShown] = [shown(row, base.dialer.time_zone) for row in found.rows]
        context = {
            "base": base,
            "rows": listed,
            "headline": headline(wanted),
            "names": list(dict.fromkeys(name for one in listed for name in one.extra)),
            "following": query.urlencode() if found.following else "",
            "short": bool(found.following) and len(found.rows) < PER_PAGE,
            "begun": bool(request.GET.get("after")),
            "filters": filters.urlencode(),
            "pruned": pruned(base),
        }
        return self._page(request, "rows_page", headline(wanted), context)

    def export(self, request: HttpRequest, base_id: int) -> HttpResponseBase:
        """The same rows as a file."""
        kind = request.GET.get("as", "csv")
        if kind not in ("csv", "xlsx"):
            raise Http404
        base = self._base(request, base_id)
        try:
            return downloads.rows_of(base, self._wanted(request), kind, separator())
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:dialers_base", args=[base.pk]))

    def again(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """Chooses by outcome who goes again, with the exact numbers; POST makes the new base."""
        base = self._base(request, base_id)
        user = require(request, "view_base", "add_base")
        try:
            recycling.require_end(base)
            if request.method == "POST":
                new = recycling.recycle(base, request.POST.getlist("outcome"), user, timezone.now())
                said = ngettext(
                    "“%(name)s” is ready with %(n)s row. Nothing is sent until you start it.",
                    "“%(name)s” is ready with %(n)s rows. Nothing is sent until you start it.",
                    new.valid,
                )
                done = said % {"name": new, "n": grouped(new.valid)}
                if in_place(request, base.dialer):
                    return self.retargeted(request, base.dialer, done=done)
                messages.success(request, done)
                return HttpResponseRedirect(
                    reverse("admin:dialers_dialer_change", args=[base.dialer_id]) + f"#base-{new.pk}"
                )
        except Refusal as refusal:
            if in_place(request, base.dialer):
                return self.retargeted(request, base.dialer, refused=str(refusal))
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:dialers_base", args=[base.pk]))
        context = {"base": base, "groups": again_groups(recycling.choices(base))}
        return self._part_or_page(request, base, "again", _("Make a new base"), context)

    def list_unconfirmed(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """All of a base's unconfirmed messages; POST decides about the chosen ones, or about all that were seen."""
        base = self._base(request, base_id)
        if request.method == "POST":
            return self._decide(request, base)
        return self._list_unconfirmed(request, base)

    def _list_unconfirmed(self, request: HttpRequest, base: Base, **told: str) -> HttpResponse:
        now, after = timezone.now(), request.GET.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Http404
        waiting = Message.objects.filter(batch=base.pk, listed_state=State.UNCERTAIN, pk__gt=int(after))
        found = list(waiting.select_related("contact").order_by("pk")[: PER_PAGE + 1])
        context = {
            "base": base,
            "items": found[:PER_PAGE],
            "following": str(found[PER_PAGE - 1].pk) if len(found) > PER_PAGE else "",
            "begun": after != "0",
            "total": tally.read([base.pk])[base.pk]["uncertain"],
            "seen_at": now.isoformat(),
            "may_act": request.user.has_perm("dialers.change_base"),
            "decided": decided(base),
            **told,
        }
        return self._part_or_page(request, base, "unconfirmed", _("Unconfirmed"), context)

    def _decide(self, request: HttpRequest, base: Base) -> HttpResponse:
        user = require(request, "view_base", "change_base")
        again = request.POST.get("act", "").startswith("again")
        keys = self._decided_keys(request, base)
        act = unconfirmed.send_again if again else unconfirmed.take_as_sent
        back = HttpResponseRedirect(reverse("admin:dialers_base_unconfirmed", args=[base.pk]))
        try:
            n = act(base, keys, user, timezone.now())
        except Refusal as refusal:
            if in_place(request, base.dialer):
                return self._list_unconfirmed(request, base, refused=str(refusal))
            messages.error(request, str(refusal))
            return back
        number = grouped(n)
        if again:
            said = ngettext("%(n)s goes again.", "%(n)s go again.", n) % {"n": number}
        else:
            said = ngettext("%(n)s was taken as sent.", "%(n)s were taken as sent.", n) % {"n": number}
        said = said if n else _("None of these is unconfirmed any more.")
        if in_place(request, base.dialer):
            response = self._list_unconfirmed(request, base, done=said)
            response["HX-Trigger-After-Swap"] = "look"  # the figures around it follow
            return response
        messages.success(request, said) if n else messages.warning(request, said)
        return back

    def _decided_keys(self, request: HttpRequest, base: Base) -> Iterator[int]:
        if request.POST.get("act", "").endswith("all"):
            seen = _aware(request.POST.get("seen_at", ""))
            return unconfirmed.all_until(base, seen) if seen else iter(())
        keys = request.POST.getlist("message")
        return unconfirmed.chosen(base, [int(key) for key in keys if key.isdecimal() and len(key) < 19])

    def _base(self, request: HttpRequest, base_id: int) -> Base:
        require(request, "view_base")
        return get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider", "recycled_from"), pk=base_id
        )

    def _wanted(self, request: HttpRequest) -> rows.Wanted:
        wanted = rows.Wanted.of(request.GET)
        if not wanted.valid:
            raise Http404
        return wanted

    def _part_or_page(
        self, request: HttpRequest, base: Base, name: str, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        if in_place(request, base.dialer):
            return render(request, f"admin/dialers/{name}_part.html", {**context, "in_place": True})
        return self._page(request, f"{name}_page", title, context)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.site.each_context(request), "title": title, **context}
        return render(request, f"admin/dialers/{template}.html", whole)


def _aware(raw: str) -> datetime | None:
    """A time as a page of ours wrote it; None for anything else."""
    try:
        at = parse_datetime(raw)
    except ValueError:
        return None
    return at if at and at.tzinfo else None
