"""The canned replies of every campaign; a campaign's own stand on its page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from campaigns.models import CannedReply
from providers.pages import Page


@admin.register(CannedReply)
class CannedReplyAdmin(Page):
    """Those that belong to no campaign: every agent may call them up."""

    empty_text = _("No reply of every campaign yet. Agents call one up by / and its shortcut.")
    fields = ["shortcut", "text"]
    list_display = ["shortcut", "text"]
    search_fields = ["shortcut", "text"]
    ordering = ["shortcut"]
    change_form_before_template: Any = "admin/campaigns/about_common_replies.html"

    class Media:
        js = ["admin_pages/replies.js"]
        css = {"all": ["admin_pages/forms.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[CannedReply]:
        replies: QuerySet[CannedReply] = super().get_queryset(request)
        return replies.filter(campaign=None)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "text":
            kwargs["widget"] = UnfoldAdminTextareaWidget({"rows": 3})
        return super().formfield_for_dbfield(db_field, request, **kwargs)
