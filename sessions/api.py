"""The API of interactions: the agent's list and acts."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from providers.rest import RoleViewSet, acting_user
from providers.serializers import WordsSerializer
from sessions import closing, outbound, services, transfers
from sessions.models import ChatSession
from sessions.selectors import reachable_by, visible_to
from sessions.serializers import BeginSerializer, CloseSerializer, SessionSerializer, TransferSerializer

ACT = ("chat_sessions.change_chatsession",)


@extend_schema_view(
    list=extend_schema(summary="Interactions", description="An agent sees those of their own campaigns."),
    retrieve=extend_schema(summary="One interaction"),
)
class SessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, RoleViewSet[ChatSession]):
    """Interactions. Who acts here counts as available."""

    queryset = ChatSession.objects.none()
    serializer_class = SessionSerializer
    filterset_fields = ["state", "campaign", "agent"]
    needs = {"create": ACT, "take": ACT, "answer": ACT, "transfer": ACT, "close": ACT}

    def get_queryset(self) -> QuerySet[ChatSession]:
        if not isinstance(self.request.user, User):  # the schema is made for nobody
            return ChatSession.objects.none()
        seen = visible_to if self.action in ("list", "retrieve") else reachable_by
        return seen(self.request.user)

    @extend_schema(
        summary="Write first",
        request=BeginSerializer,
        responses={201: SessionSerializer, 200: SessionSerializer},
    )
    def create(self, request: Request) -> Response:
        """201 with the interaction, which is the agent's; 200 with the one that is open already: nothing was sent.

        409 `taken` names the colleague who is in a conversation with the customer.
        """
        given = BeginSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted, agent = given.validated_data, acting_user(request)
        begun = outbound.begin(agent, wanted["campaign"], wanted["number"], given.compose, timezone.now())
        session = ChatSession.objects.select_related("contact__provider").get(pk=begun.session.pk)
        return Response(self.get_serializer(session).data, status=201 if begun.new else 200)

    @extend_schema(summary="Take an interaction", request=None, responses=SessionSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """409 `taken` names the colleague who holds it."""
        return self._act(services.take)

    @extend_schema(summary="Answer", request=WordsSerializer, responses=SessionSerializer)
    @action(detail=True, methods=["post"], url_path="messages", filterset_fields=[])
    def answer(self, request: Request, pk: str) -> Response:
        """A text inside the 24 hours, or a template. One that waits is taken first."""
        given = WordsSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def answer(session: ChatSession, author: User, now: datetime) -> None:
            services.answer(session, author, given.compose(session.contact.provider), now)

        return self._act(answer)

    @extend_schema(summary="Transfer", request=TransferSerializer, responses=SessionSerializer)
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str) -> Response:
        """To an agent or a campaign, with a note. What nobody takes within the campaign's max transfer time returns."""
        given = TransferSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        to = given.validated_data

        def transfer(session: ChatSession, sender: User, now: datetime) -> None:
            if "agent" in to:
                transfers.to_agent(session, sender, to["agent"], to["note"], now)
            else:
                transfers.to_campaign(session, sender, to["campaign"], to["note"], now)

        return self._act(transfer)

    @extend_schema(summary="Close an interaction", request=CloseSerializer, responses=SessionSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """The 24-hour session with the customer goes on. 409 `disposition_required` where the campaign asks for one."""
        given = CloseSerializer(data=request.data)
        given.is_valid(raise_exception=True)

        def close(session: ChatSession, user: User, now: datetime) -> None:
            closing.close(session, user, now, **given.validated_data)

        return self._act(close)

    def _act(self, act: Callable[[ChatSession, User, datetime], object]) -> Response:
        session, user, now = self.get_object(), acting_user(self.request), timezone.now()
        services.seen(user, now)
        act(session, user, now)
        changed = ChatSession.objects.select_related("contact__provider").get(pk=session.pk)
        return Response(self.get_serializer(changed).data)  # also where it is the agent's no more
