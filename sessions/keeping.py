"""What interactions need of the ledger."""

from django.db.models import Exists, OuterRef, Q

from sessions.models import ChatSession, SessionState


def held() -> Q:
    """The messages of people whose interaction is open."""
    is_open = ChatSession.objects.filter(contact=OuterRef("contact")).exclude(state=SessionState.CLOSED)
    return Q(Exists(is_open))
