"""Interactions to look at, and the unrouted ones to assign to a campaign."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, ExpressionWrapper, F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.labels import label, moment
from campaigns.admin.seen import CampaignFilter
from campaigns.models import Campaign
from campaigns.visible import not_hidden, visible_to
from providers.admin.labels import phone
from providers.contacts import contacts_of
from providers.errors import Refusal
from providers.numbers import display as readable
from providers.pages import ReadOnlyList
from sessions.models import ChatSession, SessionState
from sessions.services import assign_campaign

STATE_COLOURS = {SessionState.WAITING: "amber", SessionState.ACTIVE: "green", SessionState.CLOSED: "grey"}
AT_ONCE = 200


class RoutedFilter(admin.SimpleListFilter):
    """Finds what no campaign took."""

    title = _("Routing")
    parameter_name = "routing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unrouted", _("unrouted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> QuerySet[ChatSession]:
        if self.value() != "unrouted":
            return queryset
        return queryset.filter(campaign=None).exclude(state=SessionState.CLOSED)


class WaitsFilter(admin.SimpleListFilter):
    """Finds customers who wait for longer than their campaign promises."""

    title = _("Waiting time")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", _("longer than the service level")),
            ("300", _("longer than five minutes")),
            ("3600", _("longer than an hour")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> QuerySet[ChatSession]:
        value = self.value()
        if value not in {"late", "300", "3600"}:
            return queryset
        waiting, now = queryset.filter(state=SessionState.WAITING), timezone.now()
        if value != "late":
            return waiting.filter(opened_at__lt=now - timedelta(seconds=int(value)))
        limit = ExpressionWrapper(
            now - F("campaign__service_level") * timedelta(seconds=1), output_field=DateTimeField()
        )
        return waiting.filter(campaign__service_level__gt=0, opened_at__lt=limit)


class AssignForm(forms.Form):
    """Which campaign is to answer."""

    campaign = forms.ModelChoiceField(
        label=_("Campaign"), queryset=Campaign.objects.none(), widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = visible_to(request.user).filter(enabled=True).order_by("name")
        self.fields["campaign"].queryset = offered  # type: ignore[attr-defined]  # a ModelChoiceField


@admin.register(ChatSession)
class ChatSessionAdmin(ReadOnlyList):
    """For supervisors; agents have the desk."""

    empty_text = _("No interaction yet. One begins when a customer answers or writes.")
    actions = ["assign_to_campaign"]
    list_display = ["number", "campaign_label", "agent", "state_label", "opened", "answered"]
    list_filter = [WaitsFilter, RoutedFilter, "state", ("campaign", CampaignFilter)]
    list_select_related = ["contact", "campaign", "agent"]
    search_fields = ["contact__contact"]
    search_help_text = _("A number in any spelling.")
    fields = [
        "contact",
        "campaign",
        "agent",
        "state",
        "opened_at",
        "assigned_at",
        "taken_at",
        "answered_at",
        "closed_at",
        "closed_by",
        "out_of_time_at",
        "ledger_link",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChatSession]:
        sessions: QuerySet[ChatSession] = super().get_queryset(request)
        return sessions.filter(not_hidden(request.user))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return getattr(request.user, "is_supervisor", False) and super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_assign_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("chat_sessions.change_chatsession")

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "assign/", self.admin_site.admin_view(self.assign), name="chat_sessions_chatsession_assign"
        )
        return [own, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChatSession], search_term: str
    ) -> tuple[QuerySet[ChatSession], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(contact__in=list(contacts_of(search_term))), False

    @admin.action(description=_("Assign to campaign"), permissions=["assign"])
    def assign_to_campaign(self, request: HttpRequest, queryset: QuerySet[ChatSession]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[:AT_ONCE])
        return HttpResponseRedirect(f"{reverse('admin:chat_sessions_chatsession_assign')}?ids={ids}")

    def assign(self, request: HttpRequest) -> HttpResponse:
        """Asks for the campaign, then assigns each of the interactions in `?ids=`."""
        if not self.has_assign_permission(request):
            raise PermissionDenied
        ids = [int(part) for part in request.GET.get("ids", "").split(",") if part.isdecimal()][:AT_ONCE]
        chosen = list(self.get_queryset(request).select_related("contact").filter(pk__in=ids))
        form = AssignForm(request, request.POST or None)
        if request.method == "POST" and form.is_valid():
            self._assign_each(request, chosen, form.cleaned_data["campaign"])
            return HttpResponseRedirect(reverse("admin:chat_sessions_chatsession_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _now("Assign to campaign"),
            "form": form,
            "numbers": [readable(session.contact.contact) for session in chosen],
        }
        return render(request, "admin/sessions/assign.html", context)

    def _assign_each(self, request: HttpRequest, chosen: list[ChatSession], campaign: Campaign) -> None:
        done = 0
        for session in chosen:
            try:
                assign_campaign(session, campaign, timezone.now())
            except Refusal as refusal:
                messages.error(request, f"{readable(session.contact.contact)}: {refusal}")
            else:
                done += 1
        if done:
            text = ngettext(
                "%(n)d interaction is in “%(campaign)s” now.",
                "%(n)d interactions are in “%(campaign)s” now.",
                done,
            )
            messages.success(request, text % {"n": done, "campaign": campaign})

    @admin.display(description=_("Number"))
    def number(self, session: ChatSession) -> SafeString:
        return phone(session.contact.contact)

    @admin.display(description=_("Campaign"))
    def campaign_label(self, session: ChatSession) -> SafeString | str:
        if session.campaign:
            return session.campaign.name
        if session.state == SessionState.CLOSED:
            return "–"
        address = reverse("admin:chat_sessions_chatsession_assign")
        link = format_html(
            '<a class="text-link" href="{}?ids={}">{}</a>', address, session.pk, _now("Assign to campaign")
        )
        return format_html("{} {}", label("amber", _now("unrouted")), link)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, session: ChatSession) -> SafeString:
        return label(STATE_COLOURS[SessionState(session.state)], session.get_state_display())

    @admin.display(description=pgettext_lazy("interaction", "Opened"), ordering="pk")
    def opened(self, session: ChatSession) -> SafeString | str:
        return moment(session.opened_at)

    @admin.display(description=pgettext_lazy("time", "Answered"))
    def answered(self, session: ChatSession) -> SafeString | str:
        return moment(session.answered_at)

    @admin.display(description=_("Messages"))
    def ledger_link(self, session: ChatSession) -> SafeString:
        address = reverse("admin:providers_message_changelist")
        text = _now("Everything that left for and came from this number")
        return format_html(
            '<a class="text-link" href="{}?contact={}">{}</a>', address, session.contact_id, text
        )
