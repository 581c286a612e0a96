"""The canned replies that an agent may call up in a conversation, with their placeholders filled in."""

from django.db.models import F, Q

from accounts.models import User
from campaigns.models import CannedReply
from campaigns.placeholders import filled_in
from sessions.holding import full_name
from sessions.models import ChatSession


def replies(session: ChatSession, agent: User) -> list[tuple[str, str]]:
    """Shortcut and text of the campaign's and of everybody's, ordered by shortcut; the campaign's own goes first
    where both have one. One query."""
    offered = (
        Q(campaign=None)
        if session.campaign_id is None
        else Q(campaign=None) | Q(campaign=session.campaign_id)
    )
    found = CannedReply.objects.filter(offered).order_by(F("campaign").asc(nulls_last=True))
    known: dict[str, str] = {}
    for shortcut, text in found.values_list("shortcut", "text"):
        known.setdefault(shortcut, text)
    name, author = session.contact.name, full_name(agent)
    return [(shortcut, filled_in(known[shortcut], name=name, agent=author)) for shortcut in sorted(known)]
