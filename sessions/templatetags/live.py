"""What `desk/live.js` reads from the page: where the stream is, its ticket, where to look for changes."""

from typing import Any

from django import template

from sessions.desk import tickets
from sessions.models import ChatSession

register = template.Library()


@register.inclusion_tag("desk/live.html", takes_context=True)
def live_stream(context: dict[str, Any], session: ChatSession | None = None) -> dict[str, Any]:
    """For the desk, with an interaction open or none."""
    request = context["request"]
    return {
        "session": session,
        "stream": tickets.stream_url(request),
        "ticket": tickets.ticket(request.user, session.contact_id if session else None),
    }
