"""The API of the service level: a campaign's figures of a span of time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from campaigns.models import Campaign
from campaigns.visible import visible_to
from providers.rest import RoleViewSet
from sessions import figures
from sessions.board import midnight

MOMENT = "An ISO time, or a day in the campaign's time zone"


class FiguresSerializer(serializers.Serializer[figures.Figures]):
    """Of the interactions that came in the span; the shares are null where there is nothing to divide by."""

    offered = serializers.IntegerField()
    answered = serializers.IntegerField()
    abandoned = serializers.IntegerField()
    sl1 = serializers.FloatField(allow_null=True, help_text="Answered within the limit ÷ answered, 0 to 1.")
    sl2 = serializers.FloatField(
        allow_null=True, help_text="(Answered + abandoned within the limit) ÷ (answered + abandoned)."
    )
    asa = serializers.IntegerField(allow_null=True, help_text="Average speed of answer, in seconds.")
    answered_in_time = serializers.IntegerField()
    abandoned_in_time = serializers.IntegerField()
    longest = serializers.IntegerField(allow_null=True, help_text="The longest wait, in seconds.")


class ServiceLevelViewSet(RoleViewSet[Campaign]):
    """The service level of a campaign; seconds run only inside its schedule."""

    queryset = Campaign.objects.none()
    serializer_class = FiguresSerializer  # type: ignore[assignment]  # what is shown is no row
    needs = {"service_level": ("campaigns.view_campaign",)}

    def get_queryset(self) -> QuerySet[Campaign]:
        user = self.request.user
        return visible_to(user) if isinstance(user, User) else Campaign.objects.none()

    @extend_schema(
        summary="Service level",
        parameters=[
            OpenApiParameter("from", str, description=f"{MOMENT}; today's midnight where it is left out."),
            OpenApiParameter(
                "to", str, description=f"{MOMENT}, which is included; now where it is left out."
            ),
        ],
    )
    def service_level(self, request: Request, pk: str) -> Response:
        """Offered, answered, abandoned, SL1, SL2 and the average speed of answer."""
        campaign = self.get_object()
        zone, now = ZoneInfo(campaign.time_zone), timezone.now()
        since = _moment(request, "from", zone) or midnight(campaign.time_zone, now)
        until = _moment(request, "to", zone, timedelta(days=1)) or now + timedelta(seconds=1)
        if until < since:
            raise serializers.ValidationError({"to": [_("The end lies before the beginning.")]})
        found = figures.of_all(figures.offered(since, until, [campaign.pk]))
        return Response(FiguresSerializer(found).data)


def _moment(request: Request, name: str, zone: ZoneInfo, later: timedelta = timedelta()) -> datetime | None:
    """A time of the query, or a day's midnight, that much later; None where it is left out."""
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    try:
        if len(text) <= len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text) + later, time.min, zone).astimezone(UTC)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        sentence = _("Enter a day such as 2026-01-31 or a time such as 2026-01-31T09:00:00Z.")
        raise serializers.ValidationError({name: [sentence]}) from error
