"""Up to where an agent has seen a conversation."""

from django.db import connection, transaction

from accounts.models import User
from providers import live
from sessions.models import ChatSession, Turn

LOOKED = """
UPDATE chat_sessions_chatsession s SET read_up_to = seen.id
FROM (SELECT max(message_id) AS id FROM chat_sessions_turn WHERE session_id = %s AND message_id <= %s) AS seen
WHERE s.id = %s AND s.agent_id = %s AND s.read_up_to < seen.id RETURNING s.read_up_to
"""


def looked(session: ChatSession, agent: User, message_id: int) -> None:
    """As `read`, for a page that is just shown this: it needs no telling."""
    if session.agent_id != agent.pk:
        return
    with connection.cursor() as cursor:
        cursor.execute(LOOKED, [session.pk, message_id, session.pk, agent.pk])
        if row := cursor.fetchone():
            session.read_up_to = row[0]


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
