"""Who did what, without what was done to a campaign that is kept from its reader, or to anything of it."""

from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.entry import Entry
from accounts.entry_admin import EntryAdmin
from campaigns.models import Campaign, CannedReply, Disposition, KeywordAnswer, Member
from campaigns.visible import hidden_from
from dialers.models import Base, Dialer

OF_A_CAMPAIGN: dict[Any, str] = {
    Campaign: "pk",
    Member: "campaign",
    Disposition: "campaign",
    KeywordAnswer: "campaign",
    CannedReply: "campaign",
    Dialer: "campaign",
    Base: "dialer__campaign",
}

admin.site.unregister(Entry)


@admin.register(Entry)
class SeenEntryAdmin(EntryAdmin):
    """Where nothing is kept from the reader, the query is as it was."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        entries: QuerySet[Entry] = super().get_queryset(request)
        hidden = hidden_from(request.user)
        if not hidden.exists():
            return entries
        for model, campaign in OF_A_CAMPAIGN.items():
            rows = model.objects.filter(**{f"{campaign}__in": hidden}).values("pk")
            kind = ContentType.objects.get_for_model(model)
            entries = entries.exclude(content_type=kind, object_id__in=rows)
        return entries
