"""Interactions of agents who may not work any more go back to their queue, where somebody else gets them."""

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.roles import Role
from sessions.models import ChatSession, SessionState

log = structlog.get_logger(__name__)
AT_ONCE = 500


def release() -> int:
    """Takes open interactions from whoever is disabled or has the role no more. Returns how many.

    They wait as before; when they came and were answered stays, so that the service level does.
    """
    works = Q(groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(is_superuser=True)
    able = User.objects.filter(works, pk=OuterRef("agent"), is_active=True)
    with transaction.atomic():
        stranded = (
            ChatSession.objects.filter(~Exists(able), agent__isnull=False)
            .exclude(state=SessionState.CLOSED)
            .order_by("id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )
        keys = [session.pk for session in stranded[:AT_ONCE]]
        released = ChatSession.objects.filter(pk__in=keys).update(
            state=SessionState.WAITING, agent=None, assigned_at=None, taken_at=None
        )
    if released:
        log.info("interactions_released", n=released)
    return released
