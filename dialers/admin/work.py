"""The operator's acts on the dialer page: upload, start, pause, cancel, discard, and the unconfirmed ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from accounts.models import User
from dialers import bases, reports
from dialers.admin.cards import page_context
from dialers.models import Base, Dialer
from providers.errors import Refusal
from providers.models import Message
from providers.pages import change_url

BaseAct = Callable[[Base, User, datetime], object]
BASE_ACTS: dict[str, BaseAct] = {
    "start": bases.start,
    "pause": lambda base, _user, now: bases.pause(base, now),
    "cancel": lambda base, _user, now: bases.cancel(base, now),
    "discard": lambda base, _user, _now: bases.discard(base),
}
DIALER_ACTS: dict[str, Callable[[Dialer, User, datetime], object]] = {
    "start": bases.start_dialer,
    "pause": lambda dialer, _user, now: bases.pause_dialer(dialer, now),
}
MESSAGE_ACTS: dict[str, Callable[[Message, User, datetime], object]] = {
    "send-again": bases.send_again,
    "take-as-sent": bases.take_as_sent,
}


def require(request: HttpRequest, *permissions: str) -> User:
    """The user, who holds all of the permissions on dialers; else 403."""
    user = request.user
    if not isinstance(user, User) or not user.has_perms([f"dialers.{name}" for name in permissions]):
        raise PermissionDenied
    return user


class Work:
    """The views behind the page; each fetches, calls one service and reports."""

    def __init__(self, admin_site: Any) -> None:
        self.site = admin_site

    def urls(self) -> list[URLPattern]:
        routes: list[tuple[str, Callable[..., Any], str]] = [
            ("<int:dialer_id>/upload/", self.upload, "upload"),
            ("<int:dialer_id>/live/", self.live, "live"),
            ("<int:dialer_id>/all/<slug:act>/", self.dialer_act, "dialer_act"),
            ("bases/<int:base_id>/preview/", self.preview, "base_preview"),
            ("bases/<int:base_id>/errors/", self.errors, "base_errors"),
            ("bases/<int:base_id>/<slug:act>/", self.base_act, "base_act"),
            ("bases/<int:base_id>/messages/<int:message_id>/<slug:act>/", self.message_act, "message_act"),
        ]
        return [
            path(route, self.site.admin_view(view), name=f"dialers_{name}") for route, view, name in routes
        ]

    def upload(self, request: HttpRequest, dialer_id: int) -> HttpResponse:
        """Stores the file; a worker loads it. Nothing is sent."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = require(request, "view_dialer", "add_base")
        dialer = get_object_or_404(Dialer, pk=dialer_id)
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
        return self._fragment(request, get_object_or_404(Dialer, pk=dialer_id))

    def dialer_act(self, request: HttpRequest, dialer_id: int, act: str) -> HttpResponse:
        dialer = get_object_or_404(Dialer, pk=dialer_id)
        return self._do(request, dialer, DIALER_ACTS.get(act), dialer)

    def base_act(self, request: HttpRequest, base_id: int, act: str) -> HttpResponse:
        base = get_object_or_404(Base.objects.select_related("dialer"), pk=base_id)
        return self._do(request, base.dialer, BASE_ACTS.get(act), base)

    def message_act(self, request: HttpRequest, base_id: int, message_id: int, act: str) -> HttpResponse:
        base = get_object_or_404(Base.objects.select_related("dialer"), pk=base_id)
        # One that was sent again has left its batch, and a second press is to be told so.
        message = get_object_or_404(
            Message, Q(batch=base.pk) | Q(sent_again_as__batch=base.pk), pk=message_id
        )
        return self._do(request, base.dialer, MESSAGE_ACTS.get(act), message)

    def preview(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """The first rows as bubbles: a fragment for the page, a page of its own without scripts."""
        require(request, "view_base")
        base = get_object_or_404(Base.objects.select_related("dialer__provider"), pk=base_id)
        context = {"base": base, "rows": reports.preview(base)}
        if request.headers.get("HX-Request"):
            return render(request, "admin/dialers/preview.html", context)
        context |= {**self.site.each_context(request), "title": _("Preview of %(name)s") % {"name": base}}
        return render(request, "admin/dialers/preview_page.html", context)

    def errors(self, request: HttpRequest, base_id: int) -> StreamingHttpResponse:
        """The error report, streamed."""
        require(request, "view_base")
        base = get_object_or_404(Base.objects.select_related("dialer"), pk=base_id)
        name = get_valid_filename(f"errors-{base.name.rsplit('.', 1)[0]}.csv")
        return StreamingHttpResponse(
            reports.error_report(base),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _do(
        self,
        request: HttpRequest,
        dialer: Dialer,
        act: Callable[[Any, User, datetime], object] | None,
        target: Any,
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = require(request, "view_dialer", "change_base")
        if act is None:
            return HttpResponse(status=404)
        refused = ""
        try:
            act(target, user, timezone.now())
        except Refusal as refusal:
            refused = str(refusal)
        if request.headers.get("HX-Request"):
            return self._fragment(request, dialer, refused=refused, acted=True)
        if refused:
            messages.error(request, refused)
        return HttpResponseRedirect(change_url(dialer))

    def _fragment(self, request: HttpRequest, dialer: Dialer, **more: Any) -> HttpResponse:
        context = page_context(
            Dialer.objects.select_related("provider").get(pk=dialer.pk), request.GET.get("page"), request.user
        )
        return render(request, "admin/dialers/live.html", {**context, **more, "fragment": True})
