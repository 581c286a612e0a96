"""The API of campaigns and their members."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from campaigns.models import Campaign, Member
from campaigns.serializers import CampaignSerializer, MemberSerializer
from campaigns.visible import members_visible_to, visible_to
from providers.rest import ConfigurationViewSet


@extend_schema_view(
    list=extend_schema(summary="Campaigns"),
    retrieve=extend_schema(summary="One campaign"),
    create=extend_schema(summary="Make a campaign"),
    partial_update=extend_schema(summary="Change a campaign", description="`dids` replaces the whole list."),
    destroy=extend_schema(
        summary="Delete a campaign", description="409 `in_use` once it has had interactions."
    ),
)
class CampaignViewSet(ConfigurationViewSet[Campaign]):
    """Campaigns: who answers at which of our numbers, when and how fast."""

    queryset = Campaign.objects.all()
    serializer_class = CampaignSerializer
    filterset_fields = ["name", "provider"]

    def get_queryset(self) -> QuerySet[Campaign]:
        return visible_to(self.request.user).prefetch_related("dids")


@extend_schema_view(
    list=extend_schema(summary="Members"),
    retrieve=extend_schema(summary="One member"),
    create=extend_schema(summary="Add an agent to a campaign"),
    partial_update=extend_schema(summary="Change a member", description="Such as the penalty, 0 to 100."),
    destroy=extend_schema(summary="Remove an agent from a campaign"),
)
class MemberViewSet(ConfigurationViewSet[Member]):
    """Members: the agents of campaigns."""

    queryset = Member.objects.all()
    serializer_class = MemberSerializer
    filterset_fields = ["campaign", "agent"]

    def get_queryset(self) -> QuerySet[Member]:
        return members_visible_to(self.request.user).select_related("agent")
