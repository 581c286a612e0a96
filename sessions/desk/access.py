"""Who may open the desk and the board, and what every view of them begins with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext_lazy as _lazy
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from sessions.desk.timeline import Shown
from sessions.models import ChatSession
from sessions.selectors import WHOLE_LEDGER

View = Callable[..., HttpResponseBase]


class DeskRequest(HttpRequest):
    """A request of somebody who may open the page."""

    user: User
    htmx: HtmxDetails


def desk_view(view: View) -> View:
    """For agents and supervisors."""
    refusal = _lazy("The desk is for agents. An administrator can add you to the Agents group.")
    return _guarded(view, lambda user: user.is_agent, refusal)


def conversation_view(view: View) -> View:
    """For agents and supervisors, and for operators, who may read the ledger; what each sees is the view's matter."""
    refusal = _lazy("Conversations are for agents. An administrator can add you to the Agents group.")
    return _guarded(view, lambda user: user.is_agent or user.has_perm(WHOLE_LEDGER), refusal)


def board_view(view: View) -> View:
    """For supervisors."""
    refusal = _lazy("The board is for supervisors. An administrator can add you to the Supervisors group.")
    return _guarded(view, lambda user: user.is_supervisor, refusal)


def office_view(view: View) -> View:
    """For supervisors and operators."""
    refusal = _lazy(
        "This page is for supervisors and operators. An administrator can add you to one of the groups."
    )
    return _guarded(view, lambda user: user.is_operator, refusal)


def _guarded(view: View, allowed: Callable[[User], bool], refusal: Any) -> View:
    """A page that polls after signing out goes to the login page as a whole."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by HtmxMiddleware
        if not request.user.is_authenticated:
            if htmx:
                here = urlsplit(htmx.current_url or "").path
                return HttpResponseClientRedirect(f"{resolve_url(settings.LOGIN_URL)}?next={quote(here)}")
            return redirect_to_login(request.get_full_path())
        if not allowed(request.user):
            raise PermissionDenied(str(refusal))
        return view(request, *args, **kwargs)

    return checked


@contextmanager
def campaign_time(session: ChatSession) -> Iterator[None]:
    """Times are shown in the campaign's zone, in the reader's own where there is no campaign."""
    if session.campaign is None:
        yield
        return
    with timezone.override(ZoneInfo(session.campaign.time_zone)):
        yield


def number(request: DeskRequest, name: str) -> int:
    """A number of the query or the form; 0 where it is none."""
    return as_number(request.POST.get(name) or request.GET.get(name) or "")


def as_number(text: str) -> int:
    """A row's id as a page sends it; 0 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def shown(request: DeskRequest) -> Shown:
    """Up to where the page says that it shows the conversation."""
    version = request.POST.get("v") or request.GET.get("v") or ""
    return Shown(number(request, "after"), number(request, "after_event"), version)
