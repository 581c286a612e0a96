"""The parts of the desk that refresh by themselves, each with a version so that nothing moves while nothing changed."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from campaigns.visible import visible_to
from providers.gate import do_not_call
from providers.models import Message
from sessions import reading, services
from sessions.desk import moved
from sessions.desk.access import DeskRequest, campaign_time
from sessions.desk.bubbles import Bubble, bubbles, ticks
from sessions.desk.lists import lists_of, signs, tab_of
from sessions.desk.timeline import Shown, news
from sessions.models import ChatSession, SessionState

BETWEEN = "~"  # the two halves of a version: of the head, of the messages


@dataclass(frozen=True, slots=True)
class Lists:
    """Rendered HTML, empty where the page shows it already, and its version. `tab`: which list is to be seen first."""

    html: str
    version: str
    tab: str


@dataclass(frozen=True, slots=True)
class State:
    """The head of a conversation and why nothing may be written, as out-of-band swaps, with one version for both."""

    head: str
    why: str
    version: str


def lists(request: DeskRequest, open_id: int | None, known: str = "") -> Lists:
    """Pending, active and, for supervisors, unrouted interactions; the open one marked. `known`: a version."""
    user = request.user
    context: dict[str, Any] = {**lists_of(user), "open_id": open_id, "user": user}
    version = _version(repr((get_language(), timezone.localdate(), open_id, signs(context))))
    html = ""
    if version != known:
        inner = render_to_string("desk/list.html", context)
        html = render_to_string("desk/list_poller.html", {**context, "inner": inner, "version": version})
    return Lists(html, version, tab_of(context, open_id))


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


def state(request: DeskRequest, session: ChatSession) -> State:
    """How a conversation stands."""
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
    why = render_to_string("desk/composer_why.html", context)
    return State(head, why, _version(head + why))


def version_of(state: State, messages: Iterable[Message]) -> str:
    """Of a page that shows this state and these messages."""
    return _both(state, moved.marks_of(messages))


def updates(
    request: DeskRequest, session: ChatSession, shown: Shown, submission: str = "", aside: bool = False
) -> str:
    """What changed since the page showed this much; empty where nothing did.

    `submission`: the key of the next answer, for the composer that has just sent one. `aside`: all of it as
    out-of-band swaps; else it answers an act, and the head is in it whether or not it changed.
    """
    head, _, marks = shown.version.partition(BETWEEN)
    known = moved.read(marks)
    with campaign_time(session):
        now = moved.recent(session.contact)
        new = news(session.contact, shown, max(now, default=0))
        if aside and "reading" in request.GET and session.read_up_to < new.shown.after:
            reading.looked(session, request.user, new.shown.after)
        late = moved.missed(known, now, shown.after)
        changed = moved.moved(known, now)
        state_now = state(request, session)
        head_now = "" if aside and state_now.version == head else state_now.head + state_now.why
        if not (new.entries or late or changed or head_now or submission):
            return ""
        shows = {key: mark for key, mark in now.items() if key in known or key in late}
        context = {
            "session": session,
            "shown": replace(
                new.shown, version=_both(state_now, known | shows | moved.marks_of(new.messages))
            ),
            "entries": new.entries,
            "submission": submission,
            "aside": aside,
            "late": _among(known, late),
            "ticks": [ticks(message) for message in Message.objects.filter(pk__in=changed)]
            if changed
            else [],
        }
        return render_to_string("desk/updates.html", context) + head_now


def _among(known: Collection[int], late: Sequence[int]) -> list[tuple[int, list[Bubble]]]:
    """Late ones, each behind the message that it stands below."""
    if not late:
        return []
    messages = Message.objects.filter(pk__in=late).select_related("author", "media").order_by("-id")
    return [(max(key for key in known if key < one.pk), bubbles([one])) for one in messages]


def _both(state: State, marks: Mapping[int, str]) -> str:
    return f"{state.version}{BETWEEN}{moved.write(marks)}"


def _version(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()[:16]
