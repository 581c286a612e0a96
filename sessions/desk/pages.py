"""What the desk shows: the page, the lists, a conversation, earlier messages, a template's form."""

from dataclasses import replace
from itertools import zip_longest
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages as notices
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRedirect

from providers.bubbles import bubble_of
from providers.drivers import driver_for
from providers.segments import BASIC, EXTENSION, LIMITS
from sessions import selectors, services, supervision
from sessions.desk import live
from sessions.desk.access import DeskRequest, campaign_time, desk_view, number
from sessions.desk.standing import standing
from sessions.desk.timeline import stretch

NOTHING_NEW = 204


@require_GET
@never_cache
@desk_view
def home(request: DeskRequest) -> HttpResponse:
    """The lists, and no conversation yet."""
    services.seen(request.user, timezone.now())
    return render(request, "desk/page.html", _around(request, None))


@require_GET
@never_cache
@desk_view
def session_page(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """The lists with one conversation open."""
    session = selectors.visible_to(request.user).filter(id=session_id).first()
    if session is None:
        return lost(request, session_id)
    now = timezone.now()
    services.seen(request.user, now)
    supervision.watch(session, request.user)
    with campaign_time(session):
        page = stretch(session.contact)
        state = live.state(request, session)
        context = {
            **_around(request, session.pk),
            "session": session,
            "page": page,
            "entries": page.entries,
            "shown": replace(page.shown, version=live.version_of(state, page.messages)),
            "state": state,
            "mode": live.mode(session, request.user, now),
            "base": selectors.base_of(session),
            "columns": selectors.columns_of(session),
            "earlier": selectors.earlier(session),
            "driver": driver_for(session.contact.provider.api_type),
            "alphabet": {"basic": BASIC, "extension": EXTENSION, "limits": " ".join(map(str, LIMITS))},
            "limits": " ".join(f"{kind}:{most}" for kind, most in settings.MEDIA_MEGABYTES.items()),
            "templates": selectors.templates_for(session.contact.provider),
            "submission": uuid4(),
        }
        return render(request, "desk/page.html", context)


@require_GET
@never_cache
@desk_view
def older(request: DeskRequest, session_id: int) -> HttpResponse:
    """One page further back; with `since`, all from that message on."""
    session = get_object_or_404(selectors.visible_to(request.user), id=session_id)
    with campaign_time(session):
        page = stretch(session.contact, number(request, "before"), number(request, "since") or None)
        context = {"session": session, "page": page, "entries": page.entries}
        return render(request, "desk/bubbles.html", context)


@require_GET
@never_cache
@desk_view
def template_form(request: DeskRequest, session_id: int) -> HttpResponse:
    """The parameter fields and the preview of one template; empty where none is chosen."""
    session = get_object_or_404(selectors.visible_to(request.user), id=session_id)
    offered = selectors.templates_for(session.contact.provider)
    template = offered.filter(id=number(request, "template")).first()
    if template is None:
        return render(request, "desk/template_fields.html", {})
    numbers = range(1, template.parameters + 1)
    named = list(zip_longest(numbers, template.parameter_names[: len(numbers)], fillvalue=""))
    context = {"template": template, "numbers": named, "bubble": bubble_of(template, [])}
    context["customer"] = session.contact.name
    return render(request, "desk/template_fields.html", context)


def lost(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """An interaction that the user does not see: back to the lists, saying who has taken it meanwhile.

    404 where nobody of the user's campaigns did; an open page, which had it until now, goes back to the lists then too.
    """
    session = selectors.reachable_by(request.user).filter(id=session_id).first()
    if session is not None and session.agent is not None:
        name = services.full_name(session.agent)
        notices.info(request, _("%(name)s has taken this interaction.") % {"name": name})
    elif request.htmx:
        notices.info(request, _("You can no longer see the interaction that was open here."))
    else:
        raise Http404
    home_url = reverse("desk:home")
    return HttpResponseClientRedirect(home_url) if request.htmx else redirect(home_url)


def _around(request: DeskRequest, open_id: int | None) -> dict[str, Any]:
    """What the page shows whichever conversation is open."""
    now, lists = timezone.now(), live.lists(request, open_id)
    return {
        "lists": lists.html,
        "tab": lists.tab,
        "now": now,
        "standing": standing(request.user, now),
    }
