"""An operator's dialers at a glance: the state of each, and how many bases it has at work or ready."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from dialers.models import BaseState, Dialer
from dialers.visible import dialers_visible_to
from providers.pages import change_url

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Glance:
    """One dialer."""

    dialer: Dialer
    url: str
    word: str
    colour: str
    running: int
    paused: int
    ready: int


def dialers(user: Any) -> tuple[list[Glance], int]:
    """Those at work first, and how many more there are. Two queries."""
    found = dialers_visible_to(user)
    counted = found.annotate(
        running=_with(BaseState.RUNNING), paused=_with(BaseState.PAUSED), ready=_with(BaseState.READY)
    )
    shown = list(counted.order_by("-running", "-paused", "-ready", "name")[:SHOWN])
    return [_glance(one) for one in shown], max(0, found.count() - len(shown))


def _with(state: str) -> Count:
    return Count("bases", filter=Q(bases__state=state))


def _glance(dialer: Any) -> Glance:
    word, colour = _("idle"), "grey"
    if not dialer.enabled:
        word = _("switched off")
    elif dialer.running:
        word, colour = _("running"), "green"
    elif dialer.paused:
        word, colour = _("paused"), "amber"
    return Glance(dialer, change_url(dialer), word, colour, dialer.running, dialer.paused, dialer.ready)
