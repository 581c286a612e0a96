"""A loaded base as its own preview: what the customers will read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from dialers import reports
from dialers.admin.work import Route, Views, require
from dialers.models import Base


class Preview(Views):
    """The preview, as a part of the page or as a page of its own."""

    def routes(self) -> list[Route]:
        return [("bases/<int:base_id>/preview/", self.preview, "base_preview")]

    def preview(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """The first rows as bubbles: a fragment for the page, a page of its own without scripts."""
        require(request, "view_base")
        base = get_object_or_404(Base.objects.select_related("dialer__provider"), pk=base_id)
        context = {"base": base, "rows": reports.preview(base)}
        if request.headers.get("HX-Request"):
            return render(request, "admin/dialers/preview.html", context)
        context |= {**self.site.each_context(request), "title": _("Preview of %(name)s") % {"name": base}}
        return render(request, "admin/dialers/preview_page.html", context)
