"""The operator's acts on the dialer page: start, pause, cancel, discard, and the unconfirmed ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from dialers import bases
from dialers.admin.warnings import before_start
from dialers.admin.work import Route, Views, require
from dialers.models import Base, BaseState, Dialer
from dialers.visible import bases_visible_to, dialers_visible_to
from providers.errors import Refusal
from providers.models import Message

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


class Acts(Views):
    """One view for each kind of thing that is acted upon."""

    def routes(self) -> list[Route]:
        return [
            ("<int:dialer_id>/all/<slug:act>/", self.dialer_act, "dialer_act"),
            ("bases/<int:base_id>/act/<slug:act>/", self.base_act, "base_act"),
            ("bases/<int:base_id>/messages/<int:message_id>/<slug:act>/", self.message_act, "message_act"),
        ]

    def dialer_act(self, request: HttpRequest, dialer_id: int, act: str) -> HttpResponse:
        dialer = get_object_or_404(dialers_visible_to(request.user).select_related("provider"), pk=dialer_id)
        if act == "start" and (asked := self._asked(request, dialer, _ready(dialer))):
            return asked
        return self._do(request, dialer, DIALER_ACTS.get(act), dialer)

    def base_act(self, request: HttpRequest, base_id: int, act: str) -> HttpResponse:
        base = get_object_or_404(
            bases_visible_to(request.user).select_related("dialer__provider"), pk=base_id
        )
        ready = [base] if base.state == BaseState.READY else []
        if act == "start" and (asked := self._asked(request, base.dialer, ready)):
            return asked
        return self._do(request, base.dialer, BASE_ACTS.get(act), base)

    def message_act(self, request: HttpRequest, base_id: int, message_id: int, act: str) -> HttpResponse:
        base = get_object_or_404(bases_visible_to(request.user).select_related("dialer"), pk=base_id)
        # One that was sent again has left its batch, and a second press is to be told so.
        message = get_object_or_404(
            Message, Q(batch=base.pk) | Q(sent_again_as__batch=base.pk), pk=message_id
        )
        return self._do(request, base.dialer, MESSAGE_ACTS.get(act), message)

    def _asked(self, request: HttpRequest, dialer: Dialer, ready: list[Base]) -> HttpResponse | None:
        """The question that has to be answered first, once; None where nothing speaks against the start."""
        if request.method != "POST" or request.POST.get("sure"):
            return None
        require(request, "view_dialer", "change_base")
        now = timezone.now()
        warnings = [sentence for base in ready for sentence in before_start(base, now)]
        if not warnings:
            return None
        asked = {"warnings": warnings, "address": request.path, "dialer": dialer}
        if request.headers.get("HX-Request"):
            return self.fragment(request, dialer, asked=asked, acted=True)
        page = {**self.site.each_context(request), **asked, "title": _("Start all the same?")}
        return render(request, "admin/dialers/ask_page.html", page)

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
        return self.reported(request, dialer, refused)


def _ready(dialer: Dialer) -> list[Base]:
    """Its ready bases, the first ten: nobody reads more questions at once."""
    ready = Base.objects.filter(dialer=dialer, state=BaseState.READY).select_related("dialer__provider")
    return list(ready.order_by("pk")[:10])
