"""What the views behind the dialer page share: who may, what is drawn again, how a refusal is told."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.models import User
from dialers.admin.cards import bases_of, cards
from dialers.admin.head import head
from dialers.bases import LARGEST_FILE
from dialers.models import Dialer
from providers.pages import change_url

Route = tuple[str, Callable[..., Any], str]


def in_place(request: HttpRequest, dialer: Dialer) -> bool:
    """Whether the answer is put into the dialer's page, and not shown as a page of its own."""
    at = urlsplit(request.headers.get("HX-Current-URL", "")).path
    return bool(request.headers.get("HX-Request")) and at == change_url(dialer)


def require(request: HttpRequest, *permissions: str) -> User:
    """The user, who holds all of the permissions on dialers; else 403."""
    user = request.user
    if not isinstance(user, User) or not user.has_perms([f"dialers.{name}" for name in permissions]):
        raise PermissionDenied
    return user


LONGEST_NAME = 255
FEW = 5  # bases among which nobody searches


def page_context(dialer: Dialer, asked: QueryDict, user: Any) -> dict[str, Any]:
    """Everything that the working part of the page is drawn from; `asked`: which `page`, what to `find`."""
    now = timezone.now()
    find = asked.get("find", "").strip().replace("\x00", "")[:LONGEST_NAME]
    bases = bases_of(dialer, asked.get("page"), find)
    return {
        "dialer": dialer,
        "head": head(dialer, now),
        "bases": bases,
        "find": find,
        "query": urlencode({"find": find} if find else {}),
        "few": FEW,
        "largest": LARGEST_FILE,
        "cards": cards(bases, now),
        "may_upload": user.has_perm("dialers.add_base"),
        "may_act": user.has_perm("dialers.change_base"),
    }


def address_of(dialer: Dialer, asked: QueryDict) -> str:
    """The address of a dialer's page that shows the same part of its bases."""
    kept = {
        name: asked[name]
        for name in ("page", "find")
        if asked.get(name) and (name, asked[name]) != ("page", "1")
    }
    return change_url(dialer) + (f"?{urlencode(kept)}" if kept else "")


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
        fresh = Dialer.objects.select_related("provider", "calendar").get(pk=dialer.pk)
        context = page_context(fresh, self._asked_of(request, dialer), request.user)
        return render(request, "admin/dialers/live.html", {**context, **more, "fragment": True})

    def _asked_of(self, request: HttpRequest, dialer: Dialer) -> QueryDict:
        """Which part of the list the page shows: what it asks for, else what stands in its address."""
        if request.method == "GET":
            return request.GET
        at = urlsplit(request.headers.get("HX-Current-URL", ""))
        return QueryDict(at.query if at.path == change_url(dialer) else "")

    def retargeted(self, request: HttpRequest, dialer: Dialer, **more: Any) -> HttpResponse:
        """The fresh part of the page in answer to a form that stands somewhere within it."""
        response = self.fragment(request, dialer, acted=True, **more)
        response["HX-Retarget"], response["HX-Reswap"] = "#dialer-bases", "morph"
        return response

    def reported(self, request: HttpRequest, dialer: Dialer, refused: str = "") -> HttpResponse:
        """The page after an act, with the reason where it was refused."""
        if request.headers.get("HX-Request"):
            return self.fragment(request, dialer, refused=refused, acted=True)
        if refused:
            messages.error(request, refused)
        return HttpResponseRedirect(change_url(dialer))
