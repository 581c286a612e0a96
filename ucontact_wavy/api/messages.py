"""The API of the ledger: it joins what providers, dialers and sessions know of a message."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from dialers import bases
from providers.api import in_any_spelling
from providers.contacts import contact_for, contacts_of
from providers.models import Message, Provider
from providers.numbers import parse_destination
from providers.outbox import send
from providers.rest import RoleViewSet, acting_user
from providers.serializers import MessageSerializer, OutgoingSerializer
from providers.states import TROUBLE, State
from sessions.desk.files import file_response
from sessions.selectors import WHOLE_LEDGER, media_visible_to, readable, visible_to

OWN_CONTACTS = "chat_sessions.view_chatsession"
DECIDE = ("providers.change_message",)


class MessageFilters(filters.FilterSet):  # type: ignore[misc] # django-filter is not typed
    """By customer, provider, state and batch (the base's id)."""

    contact = filters.CharFilter(method="by_contact", label="The customer's number in any spelling.")
    provider = filters.ModelChoiceFilter(queryset=Provider.objects.all())
    state = filters.ChoiceFilter(method="by_state", choices=[(state.key, state.label) for state in State])
    batch = filters.NumberFilter(min_value=1, decimal_places=0, label="The id of the base.")

    def by_contact(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        in_any_spelling(value, name)
        # As a list: of a subquery the planner expects so many that it walks the whole ledger instead.
        return queryset.filter(contact__in=list(contacts_of(value)))

    def by_state(self, queryset: QuerySet[Message], _name: str, value: str) -> QuerySet[Message]:
        state = State[value.upper()]
        return queryset.filter(listed_state=state) if state in TROUBLE else queryset.filter(state=state)


class FileRenderer(BaseRenderer):
    """Lets a client ask for whatever type the file may be; the view hands it out itself."""

    media_type = "*/*"
    format = "file"


@extend_schema_view(
    list=extend_schema(
        summary="Messages",
        description="Both directions. An agent sees those of their own interactions' customers.",
    ),
    retrieve=extend_schema(summary="One message"),
)
class MessageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RoleViewSet[Message]):
    """The ledger: every message to and from customers."""

    queryset = Message.objects.none()
    serializer_class = MessageSerializer
    filterset_class: Any = MessageFilters
    needs = {
        "list": (WHOLE_LEDGER, OWN_CONTACTS),
        "retrieve": (WHOLE_LEDGER, OWN_CONTACTS),
        "media": (WHOLE_LEDGER, OWN_CONTACTS),
        "send_again": DECIDE,
        "take_as_sent": DECIDE,
    }

    def get_queryset(self) -> QuerySet[Message]:
        user = self.request.user
        if not isinstance(user, User):  # the schema is made for nobody
            return Message.objects.none()
        messages = Message.objects.select_related("contact", "media")
        if user.has_perm(WHOLE_LEDGER):
            return readable(messages, user)
        return messages.filter(contact__in=visible_to(user).values("contact"))

    @extend_schema(summary="Send a message", request=OutgoingSerializer, responses={201: MessageSerializer})
    def create(self, request: Request) -> Response:
        """A text inside the 24 hours, or a template at any time.

        409 `window_closed` for a text outside them, 409 `do_not_call`; 400 for a template or parameters that
        will not do.
        """
        given = OutgoingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        provider = given.validated_data["provider"]
        composed = given.compose(provider)
        address = parse_destination(given.validated_data["to"])
        with transaction.atomic():
            message = send(contact_for(provider, address), composed, acting_user(request), timezone.now())
        return Response(self.get_serializer(message).data, status.HTTP_201_CREATED)

    @extend_schema(
        summary="The file of a message",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=[
            OpenApiParameter("Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="One range.")
        ],
        description="What came or went with it; see `media` of the message. 404 `media_not_here` before it is "
        "fetched and after it was deleted.",
    )
    @action(detail=True, methods=["get"], renderer_classes=[JSONRenderer, FileRenderer])
    def media(self, request: Request, pk: str) -> HttpResponseBase:
        rows = media_visible_to(acting_user(request))
        return file_response(request._request, get_object_or_404(rows, pk=pk))

    @extend_schema(summary="Send an unconfirmed message again", request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, pk: str) -> Response:
        """As a new message, which is the answer. 409 `not_uncertain` where there is no doubt."""
        return self._decide(bases.send_again)

    @extend_schema(summary="Take an unconfirmed message as sent", request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="take-as-sent")
    def take_as_sent(self, request: Request, pk: str) -> Response:
        """It becomes `accepted`. 409 `not_uncertain` where there is no doubt."""
        return self._decide(bases.take_as_sent)

    def _decide(self, act: Callable[[Message, User, datetime], Message]) -> Response:
        decided = act(self.get_object(), acting_user(self.request), timezone.now())
        return Response(self.get_serializer(decided).data)
