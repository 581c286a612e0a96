"""The start page inside the admin, and the part of it that is asked for every few seconds."""

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from sessions.desk.access import DeskRequest, office_view
from ucontact_wavy.alerts import open_alerts
from ucontact_wavy.home import health, tiles
from ucontact_wavy.home.dialers_at_a_glance import dialers
from ucontact_wavy.home.todo import todo
from ucontact_wavy.home.work import at_work

NOTHING_NEW = 204
ALERTS = 5


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What unfold adds to the context of its index page."""
    if isinstance(request.user, User) and request.user.is_operator:
        context["figures"], _version = _figures(request, request.user, timezone.now())
    return context


@require_GET
@never_cache
@office_view
def figures(request: DeskRequest) -> HttpResponse:
    """Everything that moves on the page, or 204 while the page shows it already."""
    html, version = _figures(request, request.user, timezone.now())
    if version == request.GET.get("v"):
        return HttpResponse(status=NOTHING_NEW)
    return HttpResponse(html)


def _figures(request: HttpRequest, user: User, now: datetime) -> tuple[str, str]:
    """The moving part and its version, which is the same as long as all that it shows is."""
    alerts = open_alerts(user, now)
    shown: dict[str, Any] = {
        "now": now,
        "sent": tiles.sent(user, now),
        "work": at_work(user, now),
        "todo": todo(user, now),
        "alerts": alerts[:ALERTS],
        "alerts_total": len(alerts),
        "alerts_more": max(0, len(alerts) - ALERTS),
    }
    if user.is_supervisor:
        shown |= {
            "interactions": tiles.interactions(user, now),
            "providers": health.providers(now),
        }
    else:
        listed, more = dialers(user)
        shown |= {"dialers": listed, "dialers_more": more}
    html = render_to_string("home/figures.html", shown, request)
    version = hashlib.sha256(html.encode()).hexdigest()[:16]
    return format_html('{}<input type="hidden" name="v" value="{}">', html, version), version
