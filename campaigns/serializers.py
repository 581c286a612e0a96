"""How the API reads and shows campaigns and their members."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers

from campaigns.models import Campaign, Member
from campaigns.services import require_fitting_answers, set_dids
from campaigns.visible import visible_to
from providers.errors import Refusal
from providers.rest import CheckedSerializer, M


class CampaignField(serializers.PrimaryKeyRelatedField[Campaign]):
    """Another row's campaign: one that the person sees."""

    def get_queryset(self) -> QuerySet[Campaign]:
        return visible_to(self.context["request"].user)


class WithCampaign(CheckedSerializer[M]):
    """Takes only campaigns that the person sees, wherever a field names one."""

    def build_relational_field(self, field_name: str, relation_info: Any) -> tuple[type[Any], dict[str, Any]]:
        field_class, options = super().build_relational_field(field_name, relation_info)
        return (CampaignField if relation_info.related_model is Campaign else field_class), options


class NumbersField(serializers.ListField):
    """A campaign's DIDs as a list of numbers."""

    child = serializers.CharField(max_length=40)

    def to_representation(self, data: Any) -> list[str]:
        return sorted(did.number for did in data.all())


class CampaignSerializer(WithCampaign[Campaign]):
    """A campaign with its DIDs; members are rows of their own."""

    dids = NumbersField(
        required=False, help_text="Our approved numbers. One number of a provider belongs to one campaign."
    )

    class Meta:
        model = Campaign
        fields = (
            *("id", "name", "provider", "dids", "service_level", "strategy", "distribution", "schedule"),
            *("time_zone", "calendar", "out_of_time", "max_interactions", "enabled"),
            *("waiting_amber", "waiting_red", "max_queued", "max_time_in_queue", "queue_text", "overflow"),
            *("max_transfer_time", "wrap_up", "close_after", "close_text", "disposition_modal"),
        )

    def store(self, checked: Campaign, attrs: dict[str, Any]) -> Campaign:
        """Saves both or neither. A changed provider takes the numbers along, and has to take every stored answer."""
        if checked.pk and "provider" in attrs:
            try:
                require_fitting_answers(checked)
            except Refusal as refusal:
                raise serializers.ValidationError({"provider": [str(refusal)]}) from refusal
        try:
            with transaction.atomic():
                checked.save()
                numbers = attrs.get("dids", [did.number for did in checked.dids.all()])
                set_dids(checked, numbers, self.context["request"].user)
        except Refusal as refusal:
            raise serializers.ValidationError({"dids": [str(refusal)]}) from refusal
        return Campaign.objects.get(pk=checked.pk)


class MemberSerializer(WithCampaign[Member]):
    """An agent (a user's id) in a campaign."""

    agent_username = serializers.CharField(source="agent.username", read_only=True)

    class Meta:
        model = Member
        fields = ("id", "campaign", "agent", "agent_username", "penalty")
