"""The dialog that transfers an interaction: to a colleague of its campaign, or to another campaign."""

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from campaigns.models import Campaign
from providers.errors import Refusal
from sessions import transfers
from sessions.desk.access import DeskRequest, desk_view
from sessions.desk.acts import explained, reachable
from sessions.holding import full_name
from sessions.models import ChatSession
from sessions.staff import agents_of, staff

LONGEST_NOTE = 1000


@require_GET
@never_cache
@desk_view
@explained
def ask(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Who may get it, and how they stand."""
    session = reachable(request, session_id)
    if session.campaign is None:
        raise Refusal(
            "unrouted",
            _("This interaction belongs to no campaign yet. A supervisor assigns one on the desk."),
        )
    return _dialog(request, session)


@require_POST
@desk_view
@explained
def transfer(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Transfers it and goes back to the lists."""
    session = reachable(request, session_id)
    to, note = request.POST.get("to", ""), request.POST.get("note", "").strip()[:LONGEST_NOTE]
    try:
        name = _transferred(session, request.user, to, note)
    except Refusal as refusal:
        return _dialog(request, session, str(refusal), status=refusal.status)
    sentence = _("%(name)s was transferred to %(to)s.")
    notices.success(request, sentence % {"name": session.contact, "to": name})
    return HttpResponseClientRedirect(reverse("desk:home"))


def _transferred(session: ChatSession, sender: User, to: str, note: str) -> str:
    """To whom. `to` is agent-7 or campaign-7."""
    kind, pk = _read(to)
    if kind == "agent" and (agent := User.objects.filter(pk=pk).first()):
        transfers.to_agent(session, sender, agent, note, timezone.now())
        return full_name(agent)
    if kind == "campaign" and (campaign := Campaign.objects.filter(pk=pk).first()):
        transfers.to_campaign(session, sender, campaign, note, timezone.now())
        return str(campaign)
    raise Refusal("nobody_chosen", _("Choose an agent or a campaign first."), status=400)


def _read(to: str) -> tuple[str, int]:
    kind, _dash, key = to.partition("-")
    known = kind in ("agent", "campaign") and key.isascii() and key.isdecimal() and len(key) < 19
    return (kind, int(key)) if known else ("", 0)


def _dialog(
    request: DeskRequest, session: ChatSession, wrong: str = "", status: int = 200
) -> HttpResponseBase:
    now, own = timezone.now(), session.campaign
    seats = agents_of(own, now) if own else []
    others = Campaign.objects.filter(provider=session.contact.provider_id, enabled=True)
    campaigns = list(others.exclude(pk=own.pk if own else 0).order_by("name"))
    there = staff(campaigns, now) if campaigns else {}
    kind, pk = _read(request.POST.get("to", ""))
    nobody = (request.user.pk, session.agent_id)
    context: dict[str, Any] = {
        "session": session,
        "seats": [seat for seat in seats if seat.agent.pk not in nobody],
        "campaigns": [
            (campaign, there[campaign.pk].present if campaign.pk in there else 0) for campaign in campaigns
        ],
        f"{kind or 'agent'}_id": pk,
        "note": request.POST.get("note", ""),
        "longest": LONGEST_NOTE,
        "wrong": wrong,
    }
    return render(request, "desk/handing.html", context, status=status)
