"""Holding an interaction: its row locked and read, who may hold one, and the refusals that every act gives alike."""

from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from campaigns.models import Member
from providers.errors import Refusal
from providers.wake import wake
from sessions.models import ChatSession

ASSIGN_TASK = "sessions.assign"

# Rows are always locked in this order: presence of the agent, contact, interaction.


def locked(session_id: int) -> ChatSession:
    """Locks, then reads: what a locking query joins is as old as the query, whoever held the lock meanwhile."""
    ChatSession.objects.select_for_update(no_key=True).get(id=session_id)
    return ChatSession.objects.select_related("campaign", "agent", "contact__provider").get(id=session_id)


def full_name(user: User) -> str:
    """How colleagues are called on pages."""
    return user.get_full_name() or user.get_username()


def able(agent_id: int) -> bool:
    """Whether the account is enabled and its role lets it answer. Asks the database, whatever was read before."""
    works = Q(groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(is_superuser=True)
    return User.objects.filter(works, pk=agent_id, is_active=True).exists()


def unable() -> Q:
    """A condition on interactions: their agent may not answer any more."""
    works = Q(groups__name__in=[Role.AGENTS, Role.SUPERVISORS]) | Q(is_superuser=True)
    return ~Q(Exists(User.objects.filter(works, pk=OuterRef("agent"), is_active=True)))


def may_answer_in(agent_id: int, campaign_id: int | None) -> bool:
    """Whether somebody is able, and a member of the campaign."""
    return able(agent_id) and Member.objects.filter(agent=agent_id, campaign=campaign_id).exists()


def assign_soon() -> None:
    """What waits is given out once the transaction is committed."""
    transaction.on_commit(partial(wake, ASSIGN_TASK))


def taken(session: ChatSession) -> Refusal:
    """A colleague holds it."""
    name = full_name(session.agent) if session.agent else "?"
    return Refusal("taken", _("%(name)s has taken this interaction.") % {"name": name})


def closed() -> Refusal:
    """It is closed."""
    return Refusal("closed", _("This interaction is closed. The customer's next message opens a new one."))
