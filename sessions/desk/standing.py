"""How the agent stands, at the top of the desk: available, paused and why, wrapping up; and the acts of its menu."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from accounts.models import User
from sessions import presence
from sessions.desk.access import DeskRequest, desk_view, number
from sessions.desk.acts import explained
from sessions.models import PauseReason, Presence


@dataclass(frozen=True, slots=True)
class Standing:
    """The menu and the banner below it, rendered; the same version, the same HTML."""

    menu: str
    banner: str
    version: str

    @property
    def banner_aside(self) -> str:
        """As an out-of-band swap."""
        return self.banner.replace('id="banner"', 'id="banner" hx-swap-oob="true"', 1)

    @property
    def aside(self) -> str:
        """Both, as out-of-band swaps."""
        return self.menu.replace('id="presence"', 'id="presence" hx-swap-oob="true"', 1) + self.banner_aside


def standing(user: User, now: datetime, known: str = "") -> Standing:
    """How the agent stands just now; not rendered where that is the `known` version. Two queries."""
    found = Presence.objects.select_related("reason", "paused_by").filter(agent=user).first()
    context = {
        "presence": found,
        "status": presence.status_of(found, now),
        "reasons": list(PauseReason.objects.filter(enabled=True)),
    }
    version = _version(context)
    if version == known:
        return Standing("", "", version)
    banner = render_to_string("desk/banner.html", context)
    return Standing(render_to_string("desk/standing.html", {**context, "version": version}), banner, version)


def _version(context: dict[str, Any]) -> str:
    """Changes with whatever the menu and the banner show."""
    found: Presence | None = context["presence"]
    of_theirs = found and (found.since, str(found.reason), str(found.paused_by), found.wrap_up_until)
    offered = [(reason.pk, str(reason)) for reason in context["reasons"]]
    shown = (get_language(), timezone.localdate(), context["status"], of_theirs, offered)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _shown(user: User) -> HttpResponse:
    now = standing(user, timezone.now())
    return trigger_client_event(HttpResponse(now.menu + now.banner_aside), "desk:changed")


@require_POST
@desk_view
@explained
def pause(request: DeskRequest) -> HttpResponseBase:
    """Pauses, for one of the reasons or for none."""
    wanted = number(request, "reason")
    reason = get_object_or_404(PauseReason, pk=wanted) if wanted else None
    presence.pause(request.user, reason, timezone.now())
    return _shown(request.user)


@require_POST
@desk_view
@explained
def resume(request: DeskRequest) -> HttpResponseBase:
    """Takes interactions again, after a pause or before the wrap-up time is over."""
    presence.resume(request.user, timezone.now())
    return _shown(request.user)
