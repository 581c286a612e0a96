"""Uploading a base on the dialer page, looking at it again while it moves, and its error report."""

from django.contrib import messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from dialers import bases, downloads
from dialers.admin.work import Route, Views, require
from dialers.visible import bases_visible_to, dialers_visible_to
from providers.errors import Refusal
from providers.pages import change_url


class Uploads(Views):
    """Files in, reports out."""

    def routes(self) -> list[Route]:
        return [
            ("<int:dialer_id>/upload/", self.upload, "upload"),
            ("<int:dialer_id>/live/", self.live, "live"),
            ("bases/<int:base_id>/errors/", self.errors, "base_errors"),
        ]

    def upload(self, request: HttpRequest, dialer_id: int) -> HttpResponse:
        """Stores the file; a worker loads it. Nothing is sent."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = require(request, "view_dialer", "add_base")
        dialer = get_object_or_404(dialers_visible_to(request.user), pk=dialer_id)
        file = request.FILES.get("file")
        if file is None:
            messages.error(
                request, _("Choose a file first: a base is a CSV file, dialer;destination;message;priority.")
            )
            return HttpResponseRedirect(change_url(dialer))
        try:
            base = bases.upload(dialer, file, user)
        except Refusal as refusal:
            messages.error(request, f"{file.name}: {refusal}")
        else:
            messages.success(
                request, _("“%(name)s” is being loaded. Nothing is sent until you start it.") % {"name": base}
            )
        return HttpResponseRedirect(change_url(dialer))

    def live(self, request: HttpRequest, dialer_id: int) -> HttpResponse:
        """The part of the page that keeps itself fresh."""
        require(request, "view_dialer")
        return self.fragment(request, get_object_or_404(dialers_visible_to(request.user), pk=dialer_id))

    def errors(self, request: HttpRequest, base_id: int) -> HttpResponseBase:
        """The error report, streamed."""
        require(request, "view_base")
        base = get_object_or_404(bases_visible_to(request.user).select_related("dialer"), pk=base_id)
        try:
            return downloads.errors_for_reader(base)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:dialers_base", args=[base.pk]))
