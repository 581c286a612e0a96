"""The terms of a base on the page: from when, until when, and lifting the daily cap for it."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from dialers import terms
from dialers.admin.dates import moment_of
from dialers.admin.preview import Preview
from dialers.admin.work import Route, require
from dialers.models import Base
from dialers.visible import bases_visible_to
from providers.errors import Refusal

Service = Callable[[Base, User, datetime], object]


class TermsPage(Preview):
    """Saves the terms and shows the preview again: its estimate follows from them."""

    def routes(self) -> list[Route]:
        return [
            ("bases/<int:base_id>/dates/", self.dates, "base_dates"),
            ("bases/<int:base_id>/lift-cap/", self.lift_cap, "base_lift_cap"),
        ]

    def dates(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """Start date and *valid until*, in the dialer's zone; an empty field is none."""

        def save(base: Base, _user: User, now: datetime) -> object:
            zone = ZoneInfo(base.dialer.time_zone)
            start, until = (
                moment_of(request.POST.get(name, ""), zone) for name in ("start_at", "valid_until")
            )
            return terms.schedule_base(base, start, until, now)

        return self._do(request, base_id, save, _("The dates are saved."))

    def lift_cap(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """With a reason; who and when are noted."""

        def lift(base: Base, user: User, now: datetime) -> object:
            return terms.lift_cap(base, user, request.POST.get("reason", ""), now)

        return self._do(request, base_id, lift, _("The daily cap is lifted for this base."))

    def _do(self, request: HttpRequest, base_id: int, service: Service, done: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = require(request, "view_dialer", "change_base")
        base = get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider"), pk=base_id
        )
        refused = ""
        try:
            service(base, user, timezone.now())
        except Refusal as refusal:
            refused = str(refusal)
        if request.headers.get("HX-Request"):
            more = {"terms_refused": refused, "typed": request.POST} if refused else {"terms_done": done}
            return self.shown(request, base_id, **more)
        (messages.error if refused else messages.success)(request, refused or done)
        return HttpResponseRedirect(reverse("admin:dialers_base_preview", args=[base.pk]))
