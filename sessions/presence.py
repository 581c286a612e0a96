"""Whether agents are there and take interactions: seen, paused, wrapping up; and what goes back when they are not."""

from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from accounts.models import User
from providers import live
from providers.errors import Refusal
from sessions import transfers
from sessions.holding import assign_soon, locked
from sessions.models import ChatSession, PauseReason, Presence, PresenceState, SessionState

Status = Literal["available", "paused", "wrap_up", "offline"]
AT_ONCE = 100  # agents, and interactions of each

# Who comes back after having been offline is available since now; a pause goes on.
SEEN = """
INSERT INTO chat_sessions_presence (agent_id, seen_at, state, since) VALUES (%(agent)s, %(now)s, 'available', %(now)s)
ON CONFLICT (agent_id) DO UPDATE SET
    seen_at = GREATEST(chat_sessions_presence.seen_at, EXCLUDED.seen_at),
    since = CASE WHEN chat_sessions_presence.state = 'available' AND chat_sessions_presence.seen_at < %(present)s
        THEN EXCLUDED.since ELSE chat_sessions_presence.since END
"""


def present_since(now: datetime) -> datetime:
    """Who was seen at the desk since then counts as present."""
    return now - timedelta(seconds=settings.PRESENCE_SECONDS)


def seen(agent: User, now: datetime) -> None:
    """Notes that the agent is at the desk, or acts through the API. One upsert; it locks the agent's presence."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN, {"agent": agent.pk, "now": now, "present": present_since(now)})


def status_of(presence: Presence | None, now: datetime) -> Status:
    """What the agent does just now. None = never seen."""
    if presence is None or presence.seen_at < present_since(now):
        return "offline"
    if presence.state == PresenceState.PAUSED:
        return "paused"
    if presence.wrap_up_until is not None and presence.wrap_up_until > now:
        return "wrap_up"
    return "available"


def available(now: datetime, path: str = "") -> Q:
    """The condition that `status_of` is "available"; `path` leads to the presence, such as `agent__presence__`."""
    wrapped_up = Q(**{f"{path}wrap_up_until": None}) | Q(**{f"{path}wrap_up_until__lte": now})
    present = {f"{path}seen_at__gte": present_since(now), f"{path}state": PresenceState.AVAILABLE}
    return Q(wrapped_up, **present)


def pause(agent: User, reason: PauseReason | None, now: datetime, by: User | None = None) -> Presence:
    """The agent is given nothing from now on and keeps what they hold; what was only offered goes back at once.

    `by`: the supervisor who sends them; it does not count as being seen. Refuses `supervisors_only` (403) for
    anybody else, `reason_disabled` (400).
    """
    sent = by is not None and by.pk != agent.pk
    if by is not None and sent and not by.is_supervisor:
        raise Refusal("supervisors_only", _("Only a supervisor may send a colleague to pause."), status=403)
    if reason is not None and not reason.enabled:
        raise Refusal(
            "reason_disabled",
            _("The pause reason %(name)s is not enabled. Choose another one.") % {"name": reason},
            status=400,
        )
    with transaction.atomic():
        presence = _locked(agent, now) if sent else _seen(agent, now)
        presence.state, presence.since, presence.reason = PresenceState.PAUSED, now, reason
        presence.paused_by, presence.wrap_up_until = by if sent else None, None
        presence.save(update_fields=["state", "since", "reason", "paused_by", "wrap_up_until"])
        _give_back_of(agent.pk, ChatSession.objects.filter(state=SessionState.WAITING), now)
        live.tell_users([agent.pk])
        return presence


def resume(agent: User, now: datetime) -> Presence:
    """The agent takes interactions again: a pause ends, and so does wrap-up time that still runs."""
    with transaction.atomic():
        presence = _seen(agent, now)
        if status_of(presence, now) != "available":
            presence.state, presence.since, presence.reason = PresenceState.AVAILABLE, now, None
            presence.paused_by, presence.wrap_up_until = None, None
            presence.save(update_fields=["state", "since", "reason", "paused_by", "wrap_up_until"])
            live.tell_users([agent.pk])
            assign_soon()
        return presence


def lock(agent_id: int) -> Presence | None:
    """The agent's presence, locked; None where they were never seen."""
    return Presence.objects.select_for_update(of=("self",)).filter(agent=agent_id).first()


def begin_wrap_up(presence: Presence, seconds: int, now: datetime) -> None:
    """After an interaction of a campaign with wrap-up time; a longer one that runs already goes on."""
    until = now + timedelta(seconds=seconds)
    if seconds and (presence.wrap_up_until is None or presence.wrap_up_until < until):
        presence.wrap_up_until = until
        presence.save(update_fields=["wrap_up_until"])


def give_back(now: datetime) -> int:
    """Takes what is only offered from agents who pause, or whose browser was lost GIVE_BACK_SECONDS ago.

    Whoever was not seen when it was offered has as long from then on. Returns how many went back; each agent's
    in a transaction of their own.
    """
    lost = present_since(now) - timedelta(seconds=settings.GIVE_BACK_SECONDS)
    absent = (
        ChatSession.objects.filter(state=SessionState.WAITING, agent__isnull=False)
        .annotate(last_sign=Greatest("agent__presence__seen_at", "assigned_at"))
        .filter(Q(agent__presence__state=PresenceState.PAUSED) | Q(last_sign__lt=lost))
    )
    return sum(
        _give_back_of(agent_id, absent, now)
        for agent_id in absent.order_by("agent").values_list("agent", flat=True).distinct()[:AT_ONCE]
    )


def _give_back_of(agent_id: int, offered: QuerySet[ChatSession], now: datetime) -> int:
    """Gives back those of the offered ones that are this agent's; whoever takes one just now keeps it."""
    with transaction.atomic():
        lock(agent_id)
        ids = list(offered.filter(agent=agent_id).order_by("id").values_list("id", flat=True)[:AT_ONCE])
        waiting = [
            held
            for held in map(locked, ids)
            if held.agent_id == agent_id and held.state == SessionState.WAITING
        ]
        for held in waiting:
            transfers.withdraw(held, now)
        return len(waiting)


def _seen(agent: User, now: datetime) -> Presence:
    seen(agent, now)
    return Presence.objects.select_for_update(of=("self",)).get(agent=agent)


def _locked(agent: User, now: datetime) -> Presence:
    """Of somebody who may never have been seen: then they are offline."""
    Presence.objects.bulk_create(
        [Presence(agent=agent, seen_at=present_since(now) - timedelta(seconds=1), since=now)],
        ignore_conflicts=True,
    )
    return Presence.objects.select_for_update(of=("self",)).get(agent=agent)
