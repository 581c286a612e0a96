"""The test send on the page: any line to a phone of one's own, and what became of it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dialers import test_sends
from dialers.admin.work import Route, Views, require
from dialers.models import Base
from dialers.visible import bases_visible_to
from providers.admin.labels import state_label
from providers.drivers import driver_for
from providers.errors import Refusal
from providers.explained import explained
from providers.models import Message
from providers.models.message import TEST_OF
from providers.numbers import display as readable
from providers.segments import segments
from providers.states import OPEN, State

NUMBER = "dialers_test_number"  # the session's key of the number that was used last
SENT = "dialers_tests"  # and of the last tests, [base, message] each
SHOWN, REMEMBERED = 3, 20
FOLLOWED = timedelta(minutes=5)  # how long the page waits for a receipt


class TestPage(Views):
    """Sends a test; tells what became of them."""

    def routes(self) -> list[Route]:
        return [
            ("bases/<int:base_id>/test-send/", self.send, "test_send"),
            ("bases/<int:base_id>/tests/", self.tests, "base_tests"),
            ("bases/<int:base_id>/test-segments/", self.size, "test_segments"),
        ]

    def send(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """Queues one message; nothing of the base moves."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = require(request, "view_dialer", "change_base")
        base = _base(request, base_id)
        number, refused = request.POST.get("to", "").strip(), ""
        try:
            sent = test_sends.test_send(
                base, _line(request.POST.get("line", "")), number, user, timezone.now()
            )
        except Refusal as refusal:
            refused = str(refusal)
        else:
            request.session[NUMBER] = number
            earlier = request.session.get(SENT, [])
            request.session[SENT] = [*earlier, [base.pk, sent.pk]][-REMEMBERED:]
        if request.headers.get("HX-Request"):
            return self._results(request, base, refused)
        if refused:
            messages.error(request, refused)
        return HttpResponseRedirect(reverse("admin:dialers_base_preview", args=[base.pk]))

    def tests(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """What became of the tests that were sent from here, for the page to ask again."""
        require(request, "view_base")
        return self._results(request, _base(request, base_id))

    def size(self, request: HttpRequest, base_id: int) -> HttpResponse:
        """How many SMS the line of the form takes; nothing where it is none."""
        require(request, "view_base")
        base = _base(request, base_id)
        try:
            found = test_sends.segments_of(base, _line(request.GET.get("line", "")))
        except Refusal:
            found = None
        return render(request, "admin/dialers/test_segments.html", {"segments": found})

    def _results(self, request: HttpRequest, base: Base, refused: str = "") -> HttpResponse:
        context = {**test_context(request, base), "base": base, "refused": refused}
        return render(request, "admin/dialers/tests.html", context)


def test_context(request: HttpRequest, base: Base) -> dict[str, Any]:
    """The last tests of the base from this browser, the number to offer, and whether something may still come."""
    keys = [message for of, message in request.session.get(SENT, []) if of == base.pk][-SHOWN:]
    sent = Message.objects.filter(pk__in=keys, batch=None).select_related("contact").order_by("-pk")
    segmented = driver_for(base.dialer.provider.api_type).segmented
    now = timezone.now()
    return {
        "segmented": segmented,
        "test_number": request.session.get(NUMBER, ""),
        "tests": [_shown(message, segmented=segmented) for message in sent],
        "follow": any(
            message.state in (*OPEN, State.ACCEPTED, State.SENT) and message.created_at > now - FOLLOWED
            for message in sent
        ),
    }


def _shown(message: Message, *, segmented: bool) -> dict[str, Any]:
    return {
        "number": readable(message.contact.contact),
        "line": message.content[TEST_OF]["line"],
        "label": state_label(message),
        "why": explained(message) if message.error else "",
        "segments": segments(message.text) if segmented else None,
        "at": message.created_at,
    }


def _base(request: HttpRequest, base_id: int) -> Base:
    return get_object_or_404(bases_visible_to(request.user).select_related("dialer__provider"), pk=base_id)


def _line(raw: str) -> int | None:
    """The line that was asked for; None for the first that leaves. Raises Refusal for what is no number."""
    raw = raw.strip()
    if raw and not (raw.isdecimal() and len(raw) < 10):
        raise Refusal("no_such_line", _("“%(raw)s” is no line. Give its number.") % {"raw": raw}, status=400)
    return int(raw) if raw else None
