"""Campaigns → SMS: General and the Members tab."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.admin import TabularInline

from accounts.labels import label
from campaigns.admin.seen import OffersSeenCampaigns
from campaigns.forms import CampaignForm, MemberFormSet
from campaigns.models import Campaign, Member
from campaigns.services import set_dids
from campaigns.visible import hidden_from
from providers.numbers import display as readable


class MemberInline(TabularInline):
    """The Members tab: agents with their penalty."""

    model = Member
    formset = MemberFormSet
    tab = True
    hide_title = True
    readonly_fields = ["agent_name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Member]:
        return (
            super()
            .get_queryset(request)
            .select_related("agent", "campaign")
            .order_by("penalty", "agent__username")
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["agent" if self.has_change_permission(request, obj) else "agent_name", "penalty"]

    @admin.display(description=_("Agent"))
    def agent_name(self, member: Member) -> str:
        return member.agent.get_full_name() or member.agent.get_username()

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj is not None and obj.member_set.exists() else 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "agent":
            field.widget = field.widget.widget  # without the menu that adds and changes people
        return field


class MembersFilter(admin.SimpleListFilter):
    """Finds campaigns that nobody answers."""

    title = _("Members")
    parameter_name = "members"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("without", _("without members")), ("with", _("with members"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        if self.value() == "without":
            return queryset.filter(member_set=None)
        return queryset.exclude(member_set=None) if self.value() == "with" else queryset


@admin.register(Campaign)
class CampaignAdmin(OffersSeenCampaigns):
    """Who answers, when and how fast."""

    empty_text = _("No campaign yet. It says who answers customers, at which of our numbers and when.")
    form = CampaignForm
    inlines = [MemberInline]
    next_step = _("Now add its agents in the Members tab.")
    list_display = ["name", "provider", "did_label", "member_label", "service_level_label", "state_label"]
    list_filter = [MembersFilter, "enabled", "provider"]
    list_select_related = ["provider"]
    search_fields = ["name", "dids__number"]
    ordering = ["name"]
    fields = [
        "name",
        "service_level",
        "provider",
        "did_numbers",
        "schedule",
        "time_zone",
        "calendar",
        "out_of_time",
        "strategy",
        "distribution",
        "max_interactions",
        "enabled",
    ]

    class Media:
        js = ["admin_pages/dids.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        campaigns: QuerySet[Campaign] = (
            super().get_queryset(request).exclude(pk__in=hidden_from(request.user))
        )
        return campaigns.annotate(member_count=Count("member_set", distinct=True)).prefetch_related("dids")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        set_dids(obj, form.cleaned_data["did_numbers"])

    @admin.display(description=_("DIDs - Ports"))
    def did_label(self, campaign: Campaign) -> str:
        return ", ".join(readable(did.number) for did in campaign.dids.all())

    did_numbers = did_label

    @admin.display(description=_("Members"), ordering="member_count")
    def member_label(self, campaign: Any) -> SafeString:
        if not campaign.member_count:
            return label("amber", _now("without members"))
        return format_html('<span class="number">{}</span>', campaign.member_count)

    @admin.display(description=_("Service level"), ordering="service_level")
    def service_level_label(self, campaign: Campaign) -> str:
        return _now("%(n)d s") % {"n": campaign.service_level}

    @admin.display(description=_("State"), ordering="enabled")
    def state_label(self, campaign: Campaign) -> SafeString:
        if campaign.enabled:
            return label("green", pgettext("campaign", "enabled"))
        return label("grey", pgettext("campaign", "switched off"))
