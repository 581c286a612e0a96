"""The members page: campaigns, their members and the other agents side by side, for several campaigns at once."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from accounts.models import User
from campaigns import services
from campaigns.choosing_members import SHOWN, agents, agents_column, campaigns_column, members_column
from campaigns.models import Campaign, Member
from campaigns.visible import visible_to
from providers.errors import Refusal

NEEDS = [f"campaigns.{action}_member" for action in ("view", "add", "change", "delete")]
MOST = 1000  # ids of one request


@admin.register(Member)
class MemberAdmin(ModelAdmin):
    """For supervisors. What is chosen stands in the address, so that a link may choose."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perms(NEEDS))

    has_view_permission = has_add_permission = has_change_permission = has_delete_permission = (
        lambda self, request, obj=None: self.has_module_permission(request)
    )

    def get_urls(self) -> list[URLPattern]:
        views: list[tuple[str, Callable[..., HttpResponse], str]] = [
            ("", self.page, "changelist"),
            ("lists/", self.lists, "lists"),
            ("add/", self.add, "add"),
            ("remove/", self.remove, "remove"),
            ("penalty/<int:agent_id>/", self.penalty, "penalty"),
        ]
        return [
            path(address, self.admin_site.admin_view(_supervisors(view)), name=f"campaigns_member_{name}")
            for address, view, name in views
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        """The three columns, with the campaigns of `?c=` chosen."""
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Members"),
            **_columns(request, request.GET),
        }
        return render(request, "admin/campaigns/members_page.html", context)

    def lists(self, request: HttpRequest) -> HttpResponse:
        """The columns after something else was chosen or searched for."""
        return _lists(request, request.GET)

    def add(self, request: HttpRequest) -> HttpResponse:
        """The chosen agents into every chosen campaign."""

        def act(campaigns: Sequence[Campaign]) -> str:
            n = services.add_members(campaigns, agents().filter(pk__in=_ids(request.POST, "a")).distinct())
            return ngettext("%(n)d membership was added.", "%(n)d memberships were added.", n) % {"n": n}

        return _done(request, act, _now("Choose one or more agents first."), "a")

    def remove(self, request: HttpRequest) -> HttpResponse:
        """The chosen members out of every chosen campaign."""

        def act(campaigns: Sequence[Campaign]) -> str:
            people = User.objects.filter(pk__in=_ids(request.POST, "m"))
            n = services.remove_members(campaigns, people)
            return ngettext("%(n)d membership was removed.", "%(n)d memberships were removed.", n) % {"n": n}

        return _done(request, act, _now("Choose one or more members first."), "m")

    def penalty(self, request: HttpRequest, agent_id: int) -> HttpResponse:
        """What was typed, for all of the chosen campaigns; a tick, or why not."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        agent = User.objects.filter(pk=agent_id).first()
        raw = request.POST.get(f"penalty-{agent_id}", "")
        refused = ""
        try:
            if agent is None:
                raise Refusal("no_member", _now("This agent is not there any more."), status=404)
            services.set_penalty(_chosen(request, request.POST), agent, raw)
        except Refusal as refusal:
            refused = str(refusal)
        context = {"refused": refused, "saved": not refused}
        return render(request, "admin/campaigns/penalty_said.html", context, status=200)


def _supervisors(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def checked(request: HttpRequest, **ids: Any) -> HttpResponse:
        if not request.user.has_perms(NEEDS):
            raise PermissionDenied
        return view(request, **ids)

    return checked


def _ids(data: QueryDict, name: str) -> list[int]:
    return [int(raw) for raw in data.getlist(name)[:MOST] if raw.isdecimal() and len(raw) < 19]


def _chosen(request: HttpRequest, data: QueryDict) -> list[Campaign]:
    """The campaigns that are chosen, of those that the person sees."""
    return list(visible_to(request.user).filter(pk__in=_ids(data, "c")).order_by("name"))


def _columns(request: HttpRequest, data: QueryDict, without: str = "") -> dict[str, Any]:
    campaigns = {one.pk for one in _chosen(request, data)}
    members, others = (set() if without == name else set(_ids(data, name)) for name in ("m", "a"))
    search = {name: data.get(name, "").strip()[:100] for name in ("qc", "qm", "qa")}
    return {
        "campaigns": campaigns_column(visible_to(request.user), campaigns, search["qc"]),
        "members": members_column(campaigns, members, search["qm"]),
        "agents": agents_column(campaigns, others, search["qa"]),
        "n": len(campaigns),
        "search": search,
        "shown": SHOWN,
    }


def _lists(request: HttpRequest, data: QueryDict, without: str = "", **said: str) -> HttpResponse:
    context = {**_columns(request, data, without), **said, "fragment": True}
    answer = render(request, "admin/campaigns/members_lists.html", context)
    query = QueryDict(mutable=True)
    query.setlist("c", [str(one.pk) for one in context["campaigns"].lines if one.chosen])
    address = reverse("admin:campaigns_member_changelist")
    answer["HX-Replace-Url"] = f"{address}?{query.urlencode()}" if query.getlist("c") else address
    return answer


def _done(
    request: HttpRequest, act: Callable[[Sequence[Campaign]], str], nobody: str, names: str
) -> HttpResponse:
    """The columns after an act, with what it did or why it did nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    campaigns = _chosen(request, request.POST)
    if not campaigns:
        return _lists(request, request.POST, refused=_now("Choose one or more campaigns first."))
    if not _ids(request.POST, names):
        return _lists(request, request.POST, refused=nobody)
    try:
        return _lists(request, request.POST, names, done=act(campaigns))
    except Refusal as refusal:
        return _lists(request, request.POST, refused=str(refusal))
