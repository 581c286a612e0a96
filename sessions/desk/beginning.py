"""The dialog in which an agent writes first: to whom, in which campaign, and what."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as notices
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns.models import Campaign
from providers import outbox
from providers.drivers import driver_for
from providers.errors import Refusal
from providers.models import Provider, Template
from providers.numbers import BadNumber
from providers.outbox import Composed
from sessions import outbound, selectors
from sessions.desk.access import DeskRequest, desk_view, number

BESIDE = {"not_member": "campaign", "campaign_disabled": "campaign", "campaign_missing": "campaign"}
BESIDE |= dict.fromkeys(("do_not_call", "number_refused", "taken", "waits_elsewhere"), "number")
BESIDE |= dict.fromkeys(("template_unknown", "empty", "too_long", "window_closed"), "words")


@require_GET
@never_cache
@desk_view
def ask(request: DeskRequest) -> HttpResponseBase:
    """The empty form; `number` and `campaign` may be given."""
    return _dialog(request, {})


@require_POST
@never_cache
@desk_view
def words(request: DeskRequest) -> HttpResponseBase:
    """What may be said in the chosen campaign, with the fields of the chosen template."""
    return render(request, "desk/beginning_words.html", _said(request, _campaign(request)))


@require_POST
@desk_view
def begin(request: DeskRequest) -> HttpResponseBase:
    """Sends the first message and goes to the conversation; to the open one where there is one."""
    campaign = _campaign(request)
    try:
        if campaign is None:
            raise Refusal("campaign_missing", _("Choose a campaign first."), status=400)
        begun = outbound.begin(
            request.user,
            campaign,
            request.POST.get("number", ""),
            lambda provider: _composed(request, provider),
            timezone.now(),
            _submission(request),
        )
    except BadNumber as wrong:
        return _dialog(request, {"number": str(wrong)}, status=wrong.status)
    except Refusal as refusal:
        return _dialog(request, {BESIDE.get(refusal.code, "words"): str(refusal)}, status=refusal.status)
    if not begun.new:
        notices.info(request, _("There is an interaction with this customer already. Nothing was sent."))
    return HttpResponseClientRedirect(reverse("desk:session", args=[begun.session.pk]))


def _submission(request: DeskRequest) -> UUID | None:
    """The key of this message; without one, that the interaction is open already keeps it from leaving twice."""
    try:
        return UUID(request.POST.get("submission", ""))
    except ValueError:
        return None


def _campaign(request: DeskRequest) -> Campaign | None:
    """The chosen one; where there is but one, that."""
    campaigns = outbound.campaigns_for(request.user)
    chosen = number(request, "campaign")
    if chosen:
        return campaigns.filter(pk=chosen).first()
    first = list(campaigns[:2])
    return first[0] if len(first) == 1 else None


def _template(request: DeskRequest, provider: Provider) -> Template | None:
    return selectors.templates_for(provider).filter(pk=number(request, "template")).first()


def _composed(request: DeskRequest, provider: Provider) -> Composed:
    if not driver_for(provider.api_type).templates or request.POST.get("template") == "text":
        return outbox.compose_text(request.POST.get("text", "").strip())
    template = _template(request, provider)
    if template is None:
        raise Refusal("template_unknown", _("Choose a template first."), status=400)
    parameters = [value.strip() for value in request.POST.getlist("parameter")]
    return outbox.compose_template(provider, template.code, parameters, language=template.language)


def _said(request: DeskRequest, campaign: Campaign | None) -> dict[str, Any]:
    if campaign is None:
        return {"campaign": None}
    driver, chosen = driver_for(campaign.provider.api_type), request.POST.get("template", "")
    template = _template(request, campaign.provider) if driver.templates else None
    given = request.POST.getlist("parameter")
    names = template.parameter_names if template else []
    parameters = [
        (n + 1, names[n] if n < len(names) else "", given[n] if n < len(given) else "")
        for n in range(template.parameters if template else 0)
    ]
    return {
        "campaign": campaign,
        "driver": driver,
        "templates": selectors.templates_for(campaign.provider) if driver.templates else [],
        "template": template,
        "free": not driver.templates or chosen == "text",
        "parameters": parameters,
        "text": request.POST.get("text", ""),
    }


def _dialog(request: DeskRequest, wrong: dict[str, str], status: int = 200) -> HttpResponseBase:
    campaign = _campaign(request)
    context = {
        **_said(request, campaign),
        "campaigns": outbound.campaigns_for(request.user),
        "number": request.POST.get("number") or request.GET.get("number", ""),
        "submission": request.POST.get("submission") or uuid4(),
        "wrong": wrong,
    }
    return render(request, "desk/beginning.html", context, status=status)
