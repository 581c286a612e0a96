"""The parts of the desk that refresh by themselves, each with a version so that nothing moves while nothing changed."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from campaigns.visible import visible_to
from providers.gate import do_not_call
from providers.models import Direction, Message
from sessions import selectors, services
from sessions.desk.access import DeskRequest, campaign_time
from sessions.desk.bubbles import ticks
from sessions.desk.lists import lists_of, tab_of
from sessions.desk.timeline import Shown, news
from sessions.models import ChatSession, SessionState


@dataclass(frozen=True, slots=True)
class Lists:
    """Rendered HTML and its version: the same version, the same HTML. `tab`: which list is to be seen first."""

    html: str
    version: str
    tab: str


@dataclass(frozen=True, slots=True)
class State:
    """The head of a conversation, the ticks of the recent messages of ours and why nothing may be written, with one
    version for all."""

    head: str
    ticks: str
    why: str
    version: str


def lists(request: DeskRequest, open_id: int | None) -> Lists:
    """Pending, active and, for supervisors, unrouted interactions; the open one marked."""
    user = request.user
    context: dict[str, Any] = {**lists_of(user), "open_id": open_id, "user": user}
    inner = render_to_string("desk/list.html", context)
    version = _version(inner)
    context |= {"inner": inner, "version": version}
    return Lists(render_to_string("desk/list_poller.html", context), version, tab_of(context, open_id))


def mode(session: ChatSession, user: User, now: datetime) -> str:
    """What the user may write: `text`, or `template` outside the 24 hours; else why nothing.

    `closed`; `unrouted`, until it has a campaign; `held` by a colleague; `opted_out`, by our own do-not-call entry.
    """
    if session.state == SessionState.CLOSED:
        return "closed"
    if session.campaign_id is None:
        return "unrouted"
    if session.state == SessionState.ACTIVE and session.agent_id != user.pk:
        return "held"
    contact = session.contact
    if do_not_call(contact.provider, [contact.contact], external=False):
        return "opted_out"
    if contact.window_open(now) or not session.windowed:
        return "text"
    return "template"


def state(request: DeskRequest, session: ChatSession, recent: list[Message]) -> State:
    """How a conversation stands, as out-of-band swaps."""
    now = timezone.now()
    unrouted = session.campaign_id is None and session.state != SessionState.CLOSED
    context = {
        "session": session,
        "mode": mode(session, request.user, now),
        "window_open": session.contact.window_open(now),
        "holder": services.full_name(session.agent) if session.agent else "",
        "campaigns": visible_to(request.user).filter(enabled=True).order_by("name")
        if unrouted and request.user.is_supervisor
        else [],
        "user": request.user,
    }
    head = render_to_string("desk/head.html", context)
    moved = render_to_string(
        "desk/moved_ticks.html",
        {"ticks": [ticks(message) for message in recent if message.direction == Direction.OUT]},
    )
    why = render_to_string("desk/composer_why.html", context)
    return State(head, moved, why, _version(head + why + moved))


def updates(
    request: DeskRequest, session: ChatSession, shown: Shown, submission: str = "", aside: bool = False
) -> str:
    """What changed since the page showed this much; empty where nothing did.

    `submission`: the key of the next answer, for the composer that has just sent one. `aside`: all of
    it as out-of-band swaps.
    """
    with campaign_time(session):
        new = news(session.contact, shown)
        now_at = state(request, session, selectors.conversation(session.contact))
        if not new.entries and not submission and now_at.version == shown.version:
            return ""
        context = {
            "session": session,
            "shown": replace(new.shown, version=now_at.version),
            "entries": new.entries,
            "submission": submission,
            "aside": aside,
        }
        return render_to_string("desk/updates.html", context) + now_at.head + now_at.why + now_at.ticks


def _version(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:16]
