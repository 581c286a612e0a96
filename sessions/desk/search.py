"""Finding a conversation by the customer's name or number, among those that the agent may read."""

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from providers.errors import Refusal
from providers.numbers import parse_destination
from providers.people import SHORTEST, find
from sessions import selectors
from sessions.desk.access import DeskRequest, desk_view
from sessions.models import ChatSession, SessionState

MOST = 20  # people
LOOKED_AT = 200  # interactions


@require_GET
@never_cache
@desk_view
def search(request: DeskRequest) -> HttpResponse:
    """The last interaction of each customer found; a number that nobody has may be written to."""
    asked = " ".join(request.GET.get("q", "").split())
    found = found_by(request.user, asked) if asked else []
    context = {"asked": asked, "found": found, "new": "" if found else _number(asked)}
    return render(request, "desk/found.html", context)


def found_by(user: User, asked: str) -> list[ChatSession]:
    """Open ones first, then by when they began. By name among the user's own and what waits for them; by number
    (four digits of it, or more) among all that they may read. Three queries, more to read a number's spellings.
    """
    visible, digits = selectors.visible_to(user), sum(character.isdecimal() for character in asked)
    if digits >= SHORTEST and digits * 2 >= len(asked):
        wanted = visible.filter(contact__in=_people(asked))
    else:
        own = Q(agent=user) | ~Q(state=SessionState.CLOSED)
        wanted = visible.filter(own, contact__name__icontains=asked)
    listed = list(wanted.order_by("-id")[:LOOKED_AT])
    by_contact: dict[int, ChatSession] = {}
    for session in sorted(listed, key=lambda session: session.state == SessionState.CLOSED):
        by_contact.setdefault(session.contact_id, session)
    return list(by_contact.values())[:MOST]


def _people(asked: str) -> list[int]:
    try:
        return [contact.pk for person in find(asked).found for contact in person.contacts]
    except Refusal:
        return []


def _number(asked: str) -> str:
    """The number as it may be written to; "" where it is none."""
    try:
        return "+" + parse_destination(asked)
    except Refusal:
        return ""
