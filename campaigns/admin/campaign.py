"""Campaigns → SMS: the list, and the page with its tabs."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from accounts.choices import how_many
from accounts.labels import label
from campaigns.admin.rows import KeywordInline, MemberInline, RepliesInline
from campaigns.admin.seen import OffersSeenCampaigns
from campaigns.dispositions import paths_of, store, tree_of
from campaigns.forms import CampaignForm
from campaigns.models import Campaign, Member
from campaigns.number_forms import check_numbers, split_numbers
from campaigns.services import holders, set_dids
from campaigns.team_forms import LimitField
from campaigns.visible import hidden_from
from providers.filters import FewChoices
from providers.models import Provider
from providers.numbers import display as readable
from providers.own_numbers import written
from providers.tabs import Layout, tabs_of

GENERAL, SCHEDULE, QUEUE, DISPOSITIONS = (
    _("General"),
    _("Schedule"),
    _("Queue and thresholds"),
    _("Dispositions"),
)
LAYOUT = (
    Layout("general", GENERAL),
    Layout("schedule", SCHEDULE),
    Layout("members", _("Members"), ("member_set",), before="admin/campaigns/members_link.html"),
    Layout("queue", QUEUE),
    Layout("dispositions", DISPOSITIONS),
    Layout("keywords", _("Keyword answers"), ("keyword_answers",)),
    Layout("replies", _("Canned replies"), ("canned_replies",)),
)
PARTS: dict[Any, list[Any]] = {
    GENERAL: [
        *("name", "service_level", "provider", "did_numbers"),
        *("strategy", "distribution", "max_interactions", "groups", "enabled"),
    ],
    SCHEDULE: ["schedule", "time_zone", "calendar", "out_of_time"],
    QUEUE: [
        *("waiting_amber", "waiting_red", "max_queued", "max_time_in_queue", "queue_text", "overflow"),
        *("max_transfer_time", "wrap_up", "close_after", "close_text"),
    ],
    DISPOSITIONS: ["disposition_modal", "disposition_tree"],
}


class MembersFilter(admin.SimpleListFilter):
    """Finds campaigns that nobody answers."""

    title = _("Members")
    parameter_name = "members"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("without", _("without members")), ("with", _("with members"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> QuerySet[Campaign]:
        answered = Q(Exists(Member.objects.filter(campaign=OuterRef("pk"))))
        if self.value() == "without":
            return queryset.filter(~answered)
        return queryset.filter(answered) if self.value() == "with" else queryset


@admin.register(Campaign)
class CampaignAdmin(OffersSeenCampaigns):
    """Who answers, when and how fast."""

    empty_text = _("No campaign yet. It says who answers customers, at which of our numbers and when.")
    form = CampaignForm
    inlines = [MemberInline, KeywordInline, RepliesInline]
    list_before_template: Any = "admin/campaigns/members_link.html"
    next_step = _("Now add its agents in the Members tab.")
    list_display = ["name", "provider", "did_label", "member_label", "service_level_label", "state_label"]
    list_filter = [MembersFilter, "enabled", ("provider", FewChoices)]
    list_select_related = ["provider"]
    search_fields = ["name", "dids__number"]
    ordering = ["name"]
    fieldsets = [(title, {"fields": fields, "classes": ["tab"]}) for title, fields in PARTS.items()]

    class Media:
        js = ["admin_pages/tabs.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        campaigns: QuerySet[Campaign] = (
            super().get_queryset(request).exclude(pk__in=hidden_from(request.user))
        )
        return campaigns.annotate(member_count=how_many(Member, "campaign")).prefetch_related("dids")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            widget = UnfoldAdminCheckboxSelectMultipleWidget()
            kwargs |= {"form_class": LimitField, "reader": request.user, "widget": widget}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"reader": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        set_dids(obj, form.cleaned_data["did_numbers"], request.user)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if "disposition_tree" in form.changed_data:
            store(form.instance, form.cleaned_data["disposition_tree"])

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.check_numbers)
        return [
            path("check-numbers/", view, name="campaigns_campaign_check_numbers"),
            *super().get_urls(),
        ]

    def check_numbers(self, request: HttpRequest) -> HttpResponse:
        """A part of a page: how the typed DIDs are read, which campaign has them, and the provider's own number."""
        campaign = self.get_object(request, request.GET["campaign"]) if "campaign" in request.GET else None
        allowed = (
            self.has_change_permission(request, campaign) if campaign else self.has_add_permission(request)
        )
        if not allowed or request.method != "POST":
            raise PermissionDenied
        chosen = request.POST.get("provider", "")
        provider = Provider.objects.filter(pk=int(chosen) if chosen.isdecimal() else 0).first()
        context: dict[str, Any] = {}
        if provider is not None:
            typed = split_numbers(request.POST.get("did_numbers", ""))
            checked = check_numbers(provider, typed, campaign, request.user)
            free = provider.number not in checked.digits and not holders(
                provider, [provider.number], campaign
            )
            numbers = [readable(number) for number in checked.digits]
            offer = written(provider.number) if free else ""
            context = {"problems": checked.problems, "numbers": numbers, "offer": offer}
        return render(request, "admin/fields/numbers_say.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        context["page_tabs"] = tabs_of(LAYOUT, context["adminform"], context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("DIDs - Ports"))
    def did_label(self, campaign: Campaign) -> str:
        return ", ".join(readable(did.number) for did in campaign.dids.all())

    did_numbers = did_label

    @admin.display(description=_("Dispositions"))
    def disposition_tree(self, campaign: Campaign) -> SafeString:
        """For those who only look."""
        return format_html_join(
            mark_safe("<br>"), "{}", ((name,) for _pk, name in paths_of(tree_of(campaign)))
        )

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
