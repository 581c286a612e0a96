"""The rows of a campaign's tabs: members, keyword answers, canned replies."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.choices import is_many
from accounts.models import User
from campaigns.models import CannedReply, KeywordAnswer, Member
from campaigns.row_forms import KeywordFormSet, MemberFormSet, RepliesFormSet


class MemberInline(TabularInline):
    """The Members tab: agents with their penalty."""

    model = Member
    formset = MemberFormSet
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
        if db_field.name == "agent" and is_many(request, User):
            kwargs["widget"] = AutocompleteSelect(db_field, self.admin_site)
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "agent":
            field.widget = field.widget.widget  # without the menu that adds and changes people
        return field


class TextRows(TabularInline):
    """Rows of which each holds a text for customers."""

    hide_title = True
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "text":
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": 2})
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class KeywordInline(TextRows):
    """The Keyword answers tab: a whole message that equals a word is answered without an agent."""

    model = KeywordAnswer
    formset = KeywordFormSet
    fields = ["words", "text", "disposition"]
    template_before = "admin/campaigns/about_keywords.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeywordAnswer]:
        return (
            super().get_queryset(request).select_related("campaign__provider", "disposition__parent__parent")
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "disposition":
            field.widget = field.widget.widget  # the tree is edited on its own tab
        return field


class RepliesInline(TextRows):
    """The Canned replies tab: texts that agents call up by `/` and the shortcut."""

    model = CannedReply
    formset = RepliesFormSet
    fields = ["shortcut", "text"]
    template_before = "admin/campaigns/about_replies.html"

    class Media:
        js = ["admin_pages/replies.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        return super().get_queryset(request).select_related("campaign__provider")
