"""Closing on the desk: at once, or with the dialog that asks for a disposition, a comment and a time to write again."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages as notices
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from campaigns.dispositions import Node, tree_of
from campaigns.models import Disposition
from providers.errors import Refusal
from sessions import services
from sessions.desk.access import DeskRequest, campaign_time, desk_view
from sessions.desk.acts import explained, reachable
from sessions.models import ChatSession

LONGEST_COMMENT = 2000
BESIDE = {
    "disposition_required": "disposition",
    "disposition_unfit": "disposition",
    "reschedule_past": "reschedule_at",
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A disposition that may be chosen: its name, and those above it."""

    pk: int
    name: str
    above: str


def leaves_of(session: ChatSession) -> list[Leaf]:
    """The enabled dispositions without enabled ones below them, in the tree's order. One query."""
    found: list[Leaf] = []

    def add(nodes: list[Node], above: tuple[str, ...]) -> None:
        for node in nodes:
            below = [child for child in node.children if child.enabled]
            if node.enabled and below:
                add(below, (*above, node.name))
            elif node.enabled and node.pk:
                found.append(Leaf(node.pk, node.name, " › ".join(above)))

    if session.campaign:
        add(tree_of(session.campaign).nodes, ())
    return found


class ClosingForm(forms.Form):
    """How it ended. Times are in the current zone, which is the campaign's."""

    disposition = forms.IntegerField(
        required=False, error_messages={"invalid": gettext_lazy("Choose one of the list.")}
    )
    comment = forms.CharField(
        label=pgettext_lazy("of an interaction", "Comment"), required=False, max_length=LONGEST_COMMENT
    )
    reschedule_at = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"invalid": gettext_lazy("Enter a day and a time.")},
    )


@require_POST
@desk_view
@explained
def close(request: DeskRequest, session_id: int) -> HttpResponseBase:
    """Closes an interaction and goes back to the lists; asks first where its campaign has dispositions."""
    session = reachable(request, session_id)
    leaves = leaves_of(session)
    if "asked" not in request.POST:
        return _dialog(request, session, ClosingForm(), leaves) if leaves else _closed(request, session, {})
    with campaign_time(session):
        form = ClosingForm(request.POST)
        if not form.is_valid():
            return _dialog(request, session, form, leaves, status=400)
        try:
            return _closed(request, session, form.cleaned_data)
        except Refusal as refusal:
            form.add_error(BESIDE.get(refusal.code), str(refusal))
            return _dialog(request, session, form, leaves, status=refusal.status)


def _closed(request: DeskRequest, session: ChatSession, given: dict[str, Any]) -> HttpResponseBase:
    chosen = given.get("disposition")
    disposition = Disposition.objects.filter(pk=chosen).first() if chosen else None
    services.close(
        session,
        request.user,
        timezone.now(),
        disposition=disposition,
        comment=given.get("comment", ""),
        reschedule_at=given.get("reschedule_at"),
    )
    notices.success(request, _("The interaction with %(name)s is closed.") % {"name": session.contact})
    return HttpResponseClientRedirect(reverse("desk:home"))


def _dialog(
    request: DeskRequest, session: ChatSession, form: ClosingForm, leaves: list[Leaf], status: int = 200
) -> HttpResponseBase:
    with campaign_time(session):
        context = {
            "session": session,
            "form": form,
            "leaves": leaves,
            "required": bool(session.campaign and session.campaign.disposition_modal),
            "zone": timezone.get_current_timezone_name(),
            "earliest": timezone.localtime().strftime("%Y-%m-%dT%H:%M"),
        }
        response = render(request, "desk/closing.html", context, status=status)
    return reswap(retarget(response, "#dialog-body"), "innerHTML")
