"""Taking what waits: who may, by the strategy of the campaign, and what is refused."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from campaigns.models import Campaign, Member
from providers import live
from providers.errors import Refusal
from sessions import transfers
from sessions.holding import closed, locked, taken
from sessions.models import ChatSession, Presence, PresenceState, SessionState
from sessions.presence import seen
from sessions.strategies import ONE_AT_A_TIME, has_room


def take(session: ChatSession, agent: User, now: datetime) -> ChatSession:
    """Makes a waiting interaction the agent's, even one that was only offered to a colleague.

    Harmless for who already holds it. Refuses `taken` (names the holder), `closed`, `not_member` (403),
    `unrouted`; and, unless it was offered to the agent, `paused` and `max_interactions`.
    """
    with transaction.atomic():
        seen(agent, now)
        return hold(locked(session.pk), agent, now)


def take_next(agent: User, now: datetime) -> ChatSession | None:
    """Takes the oldest one offered to the agent, else the oldest that they have room for in their campaigns' queues.

    None when none waits. Refuses `paused`, and `max_interactions` where something waits that they have no room for.
    """
    with transaction.atomic():
        seen(agent, now)
        waiting = (
            ChatSession.objects.filter(state=SessionState.WAITING)
            .order_by("opened_at", "id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
        )
        offered = waiting.filter(agent=agent).first()
        if offered is not None:
            return hold(locked(offered.pk), agent, now)
        _require_not_paused(agent)
        held, mine = _held_by(agent), list(Campaign.objects.filter(member_set__agent=agent))
        fitting = [one for one in mine if _fits(one, held)]
        session = waiting.filter(agent=None, campaign__in=fitting).first()
        if session is not None:
            return hold(locked(session.pk), agent, now)
        full = waiting.filter(agent=None, campaign__in=mine).first()
        if full is not None and full.campaign is not None and not _fits(full.campaign, held):
            raise _no_room(full.campaign, held)
        return None


def hold(held: ChatSession, agent: User, now: datetime) -> ChatSession:
    """What `take` does with an interaction that is locked, after the agent was seen. Refuses as `take`."""
    if held.state == SessionState.CLOSED:
        raise closed()
    if held.state == SessionState.ACTIVE:
        if held.agent_id != agent.pk:
            raise taken(held)
        return held
    if held.campaign is None:
        raise Refusal(
            "unrouted",
            _("This interaction belongs to no campaign yet. A supervisor assigns one on the desk."),
        )
    before = held.agent_id
    if before != agent.pk:
        _require_member(held.campaign, agent)
        _require_not_paused(agent)
        _require_room(held.campaign, agent)
        held.agent, held.assigned_at = agent, now
    transfers.taken(held, agent, now)
    held.state, held.taken_at = SessionState.ACTIVE, now
    held.save(update_fields=["agent", "assigned_at", "state", "taken_at"])
    live.tell_users([agent.pk, before])
    live.tell_queues([held.campaign_id])
    live.tell_contacts([held.contact_id])
    return held


def _require_member(campaign: Campaign, agent: User) -> None:
    member = Member.objects.filter(campaign=campaign, agent=agent)
    if not agent.is_supervisor and not member.exists():
        raise Refusal(
            "not_member",
            _("You are not a member of the campaign %(name)s. A supervisor can add you.")
            % {"name": campaign},
            status=403,
        )


def _require_not_paused(agent: User) -> None:
    """Their presence row is locked."""
    if Presence.objects.filter(agent=agent, state=PresenceState.PAUSED).exists():
        raise Refusal("paused", _("You are paused. Become available first, then take interactions."))


def _require_room(campaign: Campaign, agent: User) -> None:
    """The agent's presence row is locked, so no other interaction comes in between."""
    held = _held_by(agent)
    if not _fits(campaign, held):
        raise _no_room(campaign, held)


def _held_by(agent: User) -> int:
    return ChatSession.objects.filter(agent=agent).exclude(state=SessionState.CLOSED).count()


def _fits(campaign: Campaign, held: int) -> bool:
    return has_room(campaign.strategy, campaign.max_interactions, held)


def _no_room(campaign: Campaign, held: int) -> Refusal:
    if campaign.strategy in ONE_AT_A_TIME:
        sentence = ngettext(
            "You have %(held)d open interaction and the campaign %(name)s gives one at a time. Close it first.",
            "You have %(held)d open interactions and the campaign %(name)s gives one at a time. Close them first.",
            held,
        )
        return Refusal("max_interactions", sentence % {"held": held, "name": campaign})
    return Refusal(
        "max_interactions",
        _("You have %(held)d open interactions and the campaign allows %(most)d at a time. Close one first.")
        % {"held": held, "most": campaign.max_interactions},
    )
