"""The acts of the board's page of one campaign: waiting ones moved or given, an agent sent to pause."""

from django.contrib import messages as notices
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import User
from campaigns.models import Campaign
from campaigns.visible import visible_to
from providers.errors import Refusal
from sessions import supervision
from sessions.desk.access import DeskRequest, as_number, board_view, number
from sessions.holding import full_name
from sessions.models import ChatSession, PauseReason
from sessions.selectors import reachable_by
from sessions.staff import members_of


@require_POST
@board_view
def move(request: DeskRequest, campaign_id: int) -> HttpResponse:
    """The chosen ones to another campaign, or to one of this campaign's agents."""
    campaign = get_object_or_404(visible_to(request.user), pk=campaign_id)
    chosen = _chosen(request, campaign)
    kind, _sign, key = request.POST.get("to", "").partition(":")
    now = timezone.now()
    if not chosen:
        refused = [_("Choose at least one interaction.")]
    elif kind == "campaign" and (other := visible_to(request.user).filter(pk=as_number(key)).first()):
        refused = supervision.move(chosen, request.user, other, now)
    elif kind == "agent" and (agent := members_of(campaign).filter(pk=as_number(key)).first()):
        refused = supervision.give(chosen, request.user, agent, now)
    else:
        refused = [_("Choose where they go.")] * len(chosen)
    for sentence in dict.fromkeys(refused):
        notices.error(request, sentence)
    if done := len(chosen) - len(refused):
        text = ngettext("%(n)d interaction is moved.", "%(n)d interactions are moved.", done)
        notices.success(request, text % {"n": done})
    return _back(campaign)


@require_POST
@board_view
def pause(request: DeskRequest, campaign_id: int) -> HttpResponse:
    """Sends one of the campaign's agents to pause."""
    campaign = get_object_or_404(visible_to(request.user), pk=campaign_id)
    agent: User = get_object_or_404(members_of(campaign), pk=number(request, "agent"))
    reason = PauseReason.objects.filter(pk=number(request, "reason")).first()
    try:
        supervision.pause(agent, request.user, reason, timezone.now())
    except Refusal as refusal:
        notices.error(request, str(refusal))
    else:
        notices.success(request, _("%(name)s is paused.") % {"name": full_name(agent)})
    return _back(campaign)


def _chosen(request: DeskRequest, campaign: Campaign) -> list[ChatSession]:
    keys = [as_number(text) for text in request.POST.getlist("session")][: supervision.AT_ONCE]
    return list(reachable_by(request.user).filter(pk__in=keys, campaign=campaign).order_by("opened_at"))


def _back(campaign: Campaign) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("board-campaign", args=[campaign.pk]))
