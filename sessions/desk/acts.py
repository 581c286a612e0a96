"""The acts behind the desk's buttons. What is refused comes back as its sentence."""

from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from campaigns.visible import visible_to
from providers.errors import Refusal
from sessions import reading, selectors, services, supervision
from sessions.desk import live
from sessions.desk.access import DeskRequest, View, desk_view, number, shown
from sessions.models import ChatSession


def explained(view: View) -> View:
    """A refusal becomes its sentence, with its status, where the page shows notices."""

    @wraps(view)
    def answered(request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            return told(request, refusal)

    return answered


def told(request: DeskRequest, refusal: Refusal) -> HttpResponse:
    """The sentence of a refusal, with its status, for where the page shows notices."""
    response = render(request, "desk/refusal.html", {"refusal": refusal}, status=refusal.status)
    return reswap(retarget(response, "#notice"), "innerHTML")


def reachable(request: DeskRequest, session_id: int) -> ChatSession:
    return get_object_or_404(selectors.reachable_by(request.user), id=session_id)


def refreshed(request: DeskRequest, session: ChatSession, submission: str = "") -> HttpResponse:
    """What the act changed on the open conversation; the lists are told to follow."""
    session.refresh_from_db()
    html = live.updates(request, session, shown(request), submission)
    return trigger_client_event(HttpResponse(html), "desk:changed")


@require_POST
@desk_view
@explained
def take(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Takes a waiting interaction."""
    return refreshed(request, services.take(reachable(request, session_id), request.user, timezone.now()))


@require_POST
@desk_view
@explained
def take_over(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """A supervisor takes what a colleague holds."""
    held = supervision.take_over(reachable(request, session_id), request.user, timezone.now())
    return refreshed(request, held)


@require_POST
@desk_view
def read(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """The page was looked at up to a message."""
    moved = reading.read(reachable(request, session_id), request.user, number(request, "up-to"))
    response = HttpResponse(status=204)
    return trigger_client_event(response, "desk:changed") if moved else response


@require_POST
@desk_view
@explained
def take_next(request: DeskRequest) -> HttpResponseBase:
    """Takes whatever waits longest."""
    session = services.take_next(request.user, timezone.now())
    if session is None:
        raise Refusal("nothing_waits", _("Nothing waits in your campaigns just now."))
    return HttpResponseClientRedirect(reverse("desk:session", args=[session.pk]))


@require_POST
@desk_view
@explained
def assign_campaign(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Brings an unrouted interaction into a campaign; for supervisors."""
    session = reachable(request, session_id)
    if not request.user.is_supervisor:
        raise Refusal("supervisors_only", _("Only a supervisor may assign a campaign."), status=403)
    campaign = visible_to(request.user).filter(id=number(request, "campaign")).first()
    if campaign is None:
        raise Refusal("campaign_missing", _("Choose a campaign first."), status=400)
    services.assign_campaign(session, campaign, timezone.now())
    return refreshed(request, session)
