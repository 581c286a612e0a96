"""What the views behind the dialer page share: who may, what is drawn again, how a refusal is told."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.models import User
from dialers.admin.cards import bases_of, cards
from dialers.admin.head import head
from dialers.models import Dialer
from providers.pages import change_url

Route = tuple[str, Callable[..., Any], str]


def require(request: HttpRequest, *permissions: str) -> User:
    """The user, who holds all of the permissions on dialers; else 403."""
    user = request.user
    if not isinstance(user, User) or not user.has_perms([f"dialers.{name}" for name in permissions]):
        raise PermissionDenied
    return user


def page_context(dialer: Dialer, page: Any, user: Any) -> dict[str, Any]:
    """Everything that the working part of the page is drawn from."""
    now = timezone.now()
    bases = bases_of(dialer, page)
    return {
        "dialer": dialer,
        "head": head(dialer, now),
        "bases": bases,
        "cards": cards(bases, now),
        "may_upload": user.has_perm("dialers.add_base"),
        "may_act": user.has_perm("dialers.change_base"),
    }


class Views:
    """Views of one topic; each fetches, calls one service and reports."""

    def __init__(self, admin_site: Any) -> None:
        self.site = admin_site

    def routes(self) -> list[Route]:
        """Address below the dialers, view, name after `dialers_`."""
        raise NotImplementedError

    def urls(self) -> list[URLPattern]:
        return [
            path(route, self.site.admin_view(view), name=f"dialers_{name}")
            for route, view, name in self.routes()
        ]

    def fragment(self, request: HttpRequest, dialer: Dialer, **more: Any) -> HttpResponse:
        """The part of the page that keeps itself fresh."""
        context = page_context(
            Dialer.objects.select_related("provider").get(pk=dialer.pk), request.GET.get("page"), request.user
        )
        return render(request, "admin/dialers/live.html", {**context, **more, "fragment": True})

    def reported(self, request: HttpRequest, dialer: Dialer, refused: str = "") -> HttpResponse:
        """The page after an act, with the reason where it was refused."""
        if request.headers.get("HX-Request"):
            return self.fragment(request, dialer, refused=refused, acted=True)
        if refused:
            messages.error(request, refused)
        return HttpResponseRedirect(change_url(dialer))
