"""The API of campaigns and their members."""

from drf_spectacular.utils import extend_schema, extend_schema_view

from campaigns.models import Campaign, Member
from campaigns.serializers import CampaignSerializer, MemberSerializer
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

    queryset = Campaign.objects.prefetch_related("dids")
    serializer_class = CampaignSerializer
    filterset_fields = ["name", "provider"]


@extend_schema_view(
    list=extend_schema(summary="Members"),
    retrieve=extend_schema(summary="One member"),
    create=extend_schema(summary="Add an agent to a campaign"),
    partial_update=extend_schema(summary="Change a member", description="Such as the penalty, 0 to 100."),
    destroy=extend_schema(summary="Remove an agent from a campaign"),
)
class MemberViewSet(ConfigurationViewSet[Member]):
    """Members: the agents of campaigns."""

    queryset = Member.objects.select_related("agent")
    serializer_class = MemberSerializer
    filterset_fields = ["campaign", "agent"]
