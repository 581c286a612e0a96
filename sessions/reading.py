"""Up to where an agent has seen a conversation."""

from django.db import transaction
from django.db.models.functions import Greatest

from accounts.models import User
from providers import live
from sessions.models import ChatSession, Turn


def looked(session: ChatSession, agent: User, message_id: int) -> None:
    """As `read`, for a page that is just shown this: it needs no telling."""
    if session.agent_id != agent.pk:
        return
    newest = Turn.objects.filter(session=session, message_id__lte=message_id).order_by("-message_id")
    seen = newest.values_list("message_id", flat=True).first() or 0
    if seen > session.read_up_to and ChatSession.objects.filter(pk=session.pk, agent=agent).update(
        read_up_to=Greatest("read_up_to", seen)
    ):
        session.read_up_to = seen


def read(session: ChatSession, agent: User, message_id: int) -> bool:
    """Moves it forward to a message of the interaction. Whether it moved; never for anybody but its agent."""
    newest = Turn.objects.filter(session=session, message_id__lte=message_id).order_by("-message_id")
    seen = newest.values_list("message_id", flat=True).first()
    with transaction.atomic():
        mine = ChatSession.objects.filter(pk=session.pk, agent=agent, read_up_to__lt=seen or 0)
        moved = mine.update(read_up_to=seen or 0)
        if moved:
            live.tell_users([agent.pk])
    return bool(moved)
