"""Uploading a base on the dialer page, looking at it again while it moves, and its error report."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from dialers import bases, downloads
from dialers.admin.work import Route, Views, address_of, require
from dialers.models import Base, Dialer
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
        files = request.FILES.getlist("file")
        if request.headers.get("Accept") == "application/json" and len(files) == 1:
            return self._told(dialer, files[0], user)
        if not files:
            messages.error(
                request, _("Choose a file first: a base is a CSV file, dialer;destination;message;priority.")
            )
            return HttpResponseRedirect(change_url(dialer))
        for file in files:
            try:
                base = bases.upload(dialer, file, user)
            except Refusal as refusal:
                messages.error(request, f"{file.name}: {refusal}")
            else:
                messages.success(request, _being_loaded(base))
        return HttpResponseRedirect(change_url(dialer))

    def _told(self, dialer: Dialer, file: "UploadedFile[Any]", user: User) -> HttpResponse:
        """The answer to the page's own script, which shows it beside the file's name."""
        try:
            base = bases.upload(dialer, file, user)
        except Refusal as refusal:
            return JsonResponse({"base": None, "said": str(refusal)})
        return JsonResponse({"base": base.pk, "said": _being_loaded(base)}, status=201)

    def live(self, request: HttpRequest, dialer_id: int) -> HttpResponse:
        """The part of the page that keeps itself fresh."""
        require(request, "view_dialer")
        dialer = get_object_or_404(dialers_visible_to(request.user), pk=dialer_id)
        response = self.fragment(request, dialer)
        address, current = address_of(dialer, request.GET), request.headers.get("HX-Current-URL", "")
        if not current.endswith(address):
            response["HX-Replace-Url"] = address
        return response

    def errors(self, request: HttpRequest, base_id: int) -> HttpResponseBase:
        """The error report, streamed."""
        require(request, "view_base")
        base = get_object_or_404(bases_visible_to(request.user).select_related("dialer"), pk=base_id)
        try:
            return downloads.errors_for_reader(base)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(reverse("admin:dialers_base", args=[base.pk]))


def _being_loaded(base: Base) -> str:
    return _("“%(name)s” is being loaded. Nothing is sent until you start it.") % {"name": base}
