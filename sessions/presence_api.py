"""The API of presence: an agent pauses and goes on, a supervisor sends somebody to pause."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from providers.rest import RoleViewSet, acting_user
from sessions import presence
from sessions.models import Presence
from sessions.serializers import PauseSerializer, PresenceSerializer

ACT = ("chat_sessions.change_chatsession",)


class PresenceViewSet(RoleViewSet[Presence]):
    """Whether agents are there."""

    queryset = Presence.objects.none()
    serializer_class = PresenceSerializer
    needs = {"pause": ACT, "resume": ACT}

    @extend_schema(summary="Pause", request=PauseSerializer, responses=PresenceSerializer)
    @action(detail=False, methods=["post"])
    def pause(self, request: Request) -> Response:
        """Nothing is given to the agent; what was only offered goes back to the queue, what they hold stays."""
        given = PauseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        user = acting_user(request)
        agent = given.validated_data["agent"] or user
        paused = presence.pause(agent, given.validated_data["reason"], timezone.now(), by=user)
        return Response(self.get_serializer(paused).data)

    @extend_schema(summary="Go on", request=None, responses=PresenceSerializer)
    @action(detail=False, methods=["post"])
    def resume(self, request: Request) -> Response:
        """Who asks is available again: ends a pause, and wrap-up time that still runs."""
        return Response(self.get_serializer(presence.resume(acting_user(request), timezone.now())).data)
