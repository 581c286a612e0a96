"""The API of dialers and their bases."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.visible import not_hidden
from dialers import bases, downloads, terms, test_sends
from dialers.mapping import apply_mapping, as_mapping
from dialers.models import Base, Dialer
from dialers.outcomes_api import CsvRenderer, OutcomeActs
from dialers.serializers import (
    BaseSerializer,
    DatesSerializer,
    DialerSerializer,
    LiftCapSerializer,
    MappingSerializer,
    TestSendSerializer,
    UploadSerializer,
)
from dialers.snapshots import with_tally
from dialers.visible import dialers_visible_to
from providers.models import Message
from providers.rest import ConfigurationViewSet, RoleViewSet, acting_user
from providers.serializers import MessageSerializer
from providers.states import State

UPLOAD = ("dialers.add_base",)
RUN = ("dialers.change_base",)
SEE = ("dialers.view_base",)


@extend_schema_view(
    list=extend_schema(summary="Dialers"),
    retrieve=extend_schema(
        summary="One dialer", description="With its state, why nothing moves, and its tally."
    ),
    create=extend_schema(summary="Make a dialer"),
    partial_update=extend_schema(summary="Change a dialer"),
    destroy=extend_schema(summary="Delete a dialer", description="409 `in_use` while it has bases."),
)
class DialerViewSet(ConfigurationViewSet[Dialer]):
    """Dialers: what bases are uploaded to and sent by."""

    queryset = Dialer.objects.all()
    serializer_class = DialerSerializer
    filterset_fields = ["name", "provider", "campaign"]
    needs = {"list_bases": SEE, "upload": UPLOAD, "start": RUN, "pause": RUN, "stop": RUN}

    def get_queryset(self) -> QuerySet[Dialer]:
        return dialers_visible_to(self.request.user).select_related("provider")

    @extend_schema(summary="A dialer's bases", responses=BaseSerializer(many=True))
    @action(
        detail=True, methods=["get"], url_path="bases", filterset_fields=[], parser_classes=[MultiPartParser]
    )
    def list_bases(self, request: Request, pk: str) -> Response:
        """Newest first."""
        return self.listed(with_tally().filter(dialer=self.get_object()), BaseSerializer)

    @extend_schema(
        summary="Upload a base",
        request={"multipart/form-data": UploadSerializer},
        responses={202: BaseSerializer},
        description="It is loaded in the background (`loading`, then `ready` or `failed`). Nothing is sent before "
        "it is started.",
    )
    @list_bases.mapping.post
    def upload(self, request: Request, pk: str) -> Response:
        dialer = self.get_object()
        given = UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        base = bases.upload(dialer, given.validated_data["file"], acting_user(request))
        return Response(BaseSerializer(with_tally().get(pk=base.pk)).data, status.HTTP_202_ACCEPTED)

    @extend_schema(
        summary="Start a dialer's bases",
        request=None,
        responses=DialerSerializer,
        description="The ready ones start and the paused ones go on; what is uploaded afterwards does not start "
        "with them. 409 says why it cannot be.",
    )
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        return self._act(lambda dialer, now: bases.start_dialer(dialer, acting_user(request), now))

    @extend_schema(summary="Pause a dialer's bases", request=None, responses=DialerSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Within two seconds nothing more leaves."""
        return self._act(bases.pause_dialer)

    @extend_schema(summary="Cancel a dialer's bases", request=None, responses=DialerSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """What is pending becomes `skipped`."""
        return self._act(bases.stop_dialer)

    def _act(self, act: Callable[[Dialer, datetime], object]) -> Response:
        dialer = self.get_object()
        act(dialer, timezone.now())
        return Response(self.get_serializer(self.get_object()).data)


@extend_schema_view(
    list=extend_schema(summary="Bases"),
    retrieve=extend_schema(summary="One base"),
    destroy=extend_schema(
        summary="Discard a base", description="One of which nothing was sent. 409 says why it cannot be."
    ),
)
class BaseViewSet(
    OutcomeActs,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.DestroyModelMixin,
    RoleViewSet[Base],
):
    """Bases: uploaded files and how far they are."""

    queryset = Base.objects.none()
    serializer_class = BaseSerializer
    filterset_fields = ["dialer", "state"]
    needs = {
        "errors": SEE,
        "uncertain": SEE,
        "rows": SEE,
        "export": SEE,
        "recycle": UPLOAD,
        "choose_columns": UPLOAD,
        "start": RUN,
        "pause": RUN,
        "cancel": RUN,
        "destroy": RUN,
        "test_send": RUN,
        "partial_update": RUN,
        "lift_cap": RUN,
    }

    def get_queryset(self) -> QuerySet[Base]:
        return with_tally().filter(not_hidden(self.request.user, "dialer__campaign"))

    def perform_destroy(self, instance: Base) -> None:
        bases.discard(instance)

    @extend_schema(
        summary="A base's invalid lines",
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "`line;reason;text`")},
        description="Mend its last column and upload it, as it stands, as a new base.",
    )
    @action(detail=True, methods=["get"], renderer_classes=[CsvRenderer, JSONRenderer])
    def errors(self, request: Request, pk: str) -> StreamingHttpResponse:
        return downloads.errors_of(self.get_object())

    @extend_schema(
        summary="Choose template and columns",
        request=MappingSerializer,
        responses={202: BaseSerializer},
        description="For a base whose file has a header and that was never started. It is loaded anew; the choice "
        "is remembered for the dialer's files with the same header. 409 says why it cannot be.",
    )
    @action(detail=True, methods=["post"], url_path="mapping")
    def choose_columns(self, request: Request, pk: str) -> Response:
        base = self.get_object()
        given = MappingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        apply_mapping(base, as_mapping(given.validated_data), acting_user(request))
        return Response(self.get_serializer(self.get_object()).data, status.HTTP_202_ACCEPTED)

    @extend_schema(summary="A base's unconfirmed messages", responses=MessageSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_fields=[])
    def uncertain(self, request: Request, pk: str) -> Response:
        """Of which nobody knows whether they left. Each waits for *send again* or *take as sent*."""
        messages = Message.objects.filter(batch=self.get_object().pk, listed_state=State.UNCERTAIN)
        return self.listed(messages.select_related("contact"), MessageSerializer)

    @extend_schema(summary="Start or resume a base", request=None, responses=BaseSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """409 says why it cannot be."""
        return self._act(lambda base, now: bases.start(base, acting_user(request), now))

    @extend_schema(summary="Pause a base", request=None, responses=BaseSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Within two seconds nothing more leaves."""
        return self._act(bases.pause)

    @extend_schema(summary="Cancel a base", request=None, responses=BaseSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """What is pending becomes `skipped`."""
        return self._act(bases.cancel)

    @extend_schema(
        summary="Set when a base may be sent",
        request=DatesSerializer,
        responses=BaseSerializer,
        description="400 says what is wrong with a date, 409 that the base is at its end.",
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        given = DatesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        dates = given.validated_data

        def act(base: Base, now: datetime) -> object:
            start_at = dates.get("start_at", base.start_at)
            return terms.schedule_base(base, start_at, dates.get("valid_until", base.valid_until), now)

        return self._act(act)

    @extend_schema(
        summary="Lift the daily cap for a base",
        request=LiftCapSerializer,
        responses=BaseSerializer,
        description="Its people may get more messages than the sending rules allow in a day. Noted with who, when "
        "and why.",
    )
    @action(detail=True, methods=["post"], url_path="lift-cap")
    def lift_cap(self, request: Request, pk: str) -> Response:
        given = LiftCapSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reason, user = given.validated_data["reason"], acting_user(request)
        return self._act(lambda base, now: terms.lift_cap(base, user, reason, now))

    @extend_schema(
        summary="Test-send a line",
        request=TestSendSerializer,
        responses={201: MessageSerializer},
        description="Sends what a valid line says to another number, beside the base: it is in no tally. "
        "409 `window_closed` for free text to a phone that did not write within 24 hours.",
    )
    @action(detail=True, methods=["post"], url_path="test-send")
    def test_send(self, request: Request, pk: str) -> Response:
        base = self.get_object()
        given = TestSendSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        line, number = given.validated_data.get("line"), given.validated_data["to"]
        message = test_sends.test_send(base, line, number, acting_user(request), timezone.now())
        return Response(MessageSerializer(message).data, status.HTTP_201_CREATED)

    def _act(self, act: Callable[[Base, datetime], object]) -> Response:
        act(self.get_object(), timezone.now())
        return Response(self.get_serializer(self.get_object()).data)
