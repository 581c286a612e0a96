"""Where a page of the admin offers campaigns, it offers those that the person sees."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from campaigns.models import Campaign
from campaigns.visible import visible_to
from providers.filters import OFFERED
from providers.pages import PageAtProvider


class OffersSeenCampaigns(PageAtProvider):
    """For the admin of what belongs to a campaign, or leads to one."""

    change_form_outer_before_template: Any = PageAtProvider.change_form_outer_before_template

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Campaign:
            kwargs["queryset"] = visible_to(request.user).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class CampaignFilter(admin.RelatedFieldListFilter):
    """Beside a list; the first hundred, by name."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        return list(visible_to(request.user).order_by("name").values_list("pk", "name")[:OFFERED])
