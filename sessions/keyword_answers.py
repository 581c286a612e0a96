"""Messages that equal a word of the campaign: answered, filed and closed without an agent."""

from datetime import datetime

from campaigns.keywords import split_words
from campaigns.models import Campaign, KeywordAnswer
from providers.models import Contact, Message
from providers.stop_words import normal
from sessions import events
from sessions.automatic import say
from sessions.models import ChatSession, Ending, EventKind, SessionState

SPOKEN = frozenset({"text", "button", "list_reply"})  # kinds whose text is the whole message


def matching(campaign: Campaign | None, message: Message) -> KeywordAnswer | None:
    """The campaign's keyword answer to the message, in any case and accent. One query."""
    said = normal(message.text) if message.kind.lower() in SPOKEN else ""
    if campaign is None or not said:
        return None
    answers = campaign.keyword_answers.select_related("disposition")
    return next((one for one in answers if said in split_words(one.words)), None)


def answer(session: ChatSession, contact: Contact, found: KeywordAnswer, new: bool, now: datetime) -> bool:
    """Says the text and closes an interaction that the message began. False where the gate refuses the text.

    One that waits already goes on waiting: what was written before is an agent's to answer. It is neither answered
    nor abandoned. Contact and interaction are locked.
    """
    if found.text.strip() and not say(session, contact, found.text, now):
        return False
    if new:
        session.state, session.closed_at, session.ending = SessionState.CLOSED, now, Ending.KEYWORD
        session.disposition = found.disposition
        session.save(update_fields=["state", "closed_at", "ending", "disposition"])
        events.add(session, EventKind.CLOSED, now)
    return True
