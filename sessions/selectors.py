"""What people may see of interactions: lists, a contact's conversation, and what stands beside it."""

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When
from django.utils import timezone

from accounts.models import User
from campaigns.models import Member
from campaigns.visible import hidden_from, not_hidden
from dialers.models import Base, Row
from dialers.visible import hidden_batch
from providers.models import Contact, Media, Message, Provider, Template
from providers.templates import sendable
from sessions.models import ChatSession, SessionState, Turn

PAGE = 50
FAR_BACK = 1000
LIST_LIMIT = 100
WHOLE_LEDGER = "providers.view_message"


def reachable_by(user: User) -> QuerySet[ChatSession]:
    """Interactions of the user's campaigns and the user's own; for supervisors of every campaign that they see.

    For acts, which say themselves who was faster; what may be read is `visible_to`.
    """
    sessions = ChatSession.objects.select_related("contact__provider", "campaign", "agent")
    if user.is_superuser:
        return sessions
    mine = Q(agent=user) | Q(campaign__in=campaigns_of(user))
    return sessions.filter(mine | not_hidden(user) if user.is_supervisor else mine)


def visible_to(user: User) -> QuerySet[ChatSession]:
    """The user's own interactions and those that wait in the user's campaigns; for supervisors whatever they see."""
    sessions = reachable_by(user)
    if user.is_superuser:
        return sessions
    mine = Q(agent=user) | Q(state=SessionState.WAITING)
    return sessions.filter(mine | not_hidden(user) if user.is_supervisor else mine)


# What a page of the desk shows of an open interaction besides its messages.
HEAD = (
    *("state", "read_up_to", "contact__contact", "contact__name"),
    *("contact__last_incoming_at", "contact__window_closed_at"),
    *("contact__provider__api_type", "contact__provider__name", "campaign__name", "campaign__time_zone"),
    *("agent__username", "agent__first_name", "agent__last_name"),
)


def head_of(user: User, session_id: int) -> ChatSession | None:
    """One interaction that the user sees, with as much of it as its head shows. The user's own is one light query."""
    sessions = ChatSession.objects.select_related("contact__provider", "campaign", "agent").only(*HEAD)
    session = sessions.filter(pk=session_id).order_by().first()
    if session is None or session.agent_id == user.pk:
        return session
    return session if visible_to(user).filter(pk=session_id).exists() else None


def _own_contacts(user: User) -> QuerySet[ChatSession, int]:
    """Whom the user answers as an agent, as a subquery of contacts."""
    waiting = Q(state=SessionState.WAITING, campaign__in=campaigns_of(user))
    return ChatSession.objects.filter(Q(agent=user) | waiting).values_list("contact", flat=True)


def readable(messages: QuerySet[Message], user: User) -> QuerySet[Message]:
    """The ledger for who may read it: without what left in bases, or stands in interactions, of hidden campaigns.

    Where nothing is kept from the user the query stays as it was.
    """
    if not hidden_from(user).exists():
        return messages
    kept = Turn.objects.filter(message=OuterRef("pk"), session__campaign__in=hidden_from(user))
    open_to_all = ~Q(hidden_batch(user)) & ~Q(Exists(kept))
    return messages.filter(open_to_all | Q(contact__in=_own_contacts(user)))


def media_visible_to(user: User) -> QuerySet[Media]:
    """The files of the conversations that the user may read; of the ledger for who may read that."""
    media = Media.objects.all()
    if user.has_perm(WHOLE_LEDGER):
        return media.filter(message__in=readable(Message.objects.all(), user))
    return media.filter(message__contact__in=visible_to(user).values("contact"))


def campaigns_of(user: User) -> QuerySet[Member, int]:
    """Ids of the campaigns that the user is a member of, as a subquery."""
    return Member.objects.filter(agent=user).values_list("campaign_id", flat=True)


def pending(user: User) -> QuerySet[ChatSession]:
    """What waits for the user: offered ones first, then the queue, oldest first. Supervisors see every campaign's."""
    waiting = reachable_by(user).filter(state=SessionState.WAITING, campaign__isnull=False)
    return waiting.order_by(Case(When(agent=user, then=0), default=1), "opened_at", "id")


def active(user: User) -> QuerySet[ChatSession]:
    """What the user has taken and not closed."""
    sessions = ChatSession.objects.select_related("contact__provider", "campaign", "agent")
    return sessions.filter(state=SessionState.ACTIVE, agent=user).order_by("opened_at", "id")


def unrouted() -> QuerySet[ChatSession]:
    """Open interactions without campaign, which wait for a supervisor."""
    sessions = ChatSession.objects.select_related("contact__provider", "campaign", "agent")
    return sessions.filter(campaign=None).exclude(state=SessionState.CLOSED).order_by("opened_at", "id")


def conversation(
    contact: Contact,
    after_id: int | None = None,
    before_id: int | None = None,
    since_id: int | None = None,
    limit: int = PAGE,
) -> list[Message]:
    """The contact's ledger, oldest first: the newest messages before `before_id`, or the next after `after_id`.

    With `since_id` as far back as to that one, or FAR_BACK messages.
    """
    messages = Message.objects.filter(contact=contact).select_related("author", "media")
    if after_id is not None:
        return list(messages.filter(id__gt=after_id).order_by("id")[:limit])
    if before_id is not None:
        messages = messages.filter(id__lt=before_id)
    if since_id is not None:
        messages, limit = messages.filter(id__gte=since_id), FAR_BACK
    return list(messages.order_by("-id")[:limit])[::-1]


def has_older(contact: Contact, message_id: int) -> bool:
    """Whether the ledger goes further back."""
    return Message.objects.filter(contact=contact, id__lt=message_id).exists()


def base_of(session: ChatSession) -> Base | None:
    """The base whose message the interaction answers."""
    answered = session.turns.filter(message__answers__batch__isnull=False).order_by("id")
    batch = answered.values_list("message__answers__batch", flat=True).first()
    return Base.objects.filter(id=batch).first() if batch is not None else None


def columns_of(session: ChatSession) -> dict[str, str]:
    """The other columns of the base's row whose message the interaction answers, by name."""
    answered = session.turns.filter(message__answers__batch__isnull=False).order_by("id")
    message = answered.values_list("message__answers", flat=True).first()
    row = Row.objects.filter(message=message).first() if message is not None else None
    return dict(row.extra or {}) if row else {}


def earlier(session: ChatSession, limit: int = 10) -> list[ChatSession]:
    """The contact's previous interactions, newest first, each with the id of its `first_message`."""
    others = ChatSession.objects.filter(contact_id=session.contact_id, state=SessionState.CLOSED)
    first = Turn.objects.filter(session=OuterRef("pk")).order_by("message_id").values("message_id")[:1]
    loaded = others.select_related("campaign", "agent", "disposition__parent__parent")
    return list(
        loaded.exclude(id=session.pk).annotate(first_message=Subquery(first)).order_by("-opened_at")[:limit]
    )


def templates_for(provider: Provider) -> QuerySet[Template]:
    """The templates that may be sent through a provider."""
    return sendable(provider.pk, timezone.now()).order_by("code", "language")
