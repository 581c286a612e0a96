"""Gives each incoming message to one interaction: the open one of its contact, or a new one that waits."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns.models import DID, Campaign
from dialers.models import Base
from providers import live
from providers.locks import Lock, advisory_lock
from providers.models import Contact, Direction, Message
from providers.numbers import variants
from sessions import keyword_answers, queueing
from sessions.automatic import answer_out_of_time
from sessions.holding import assign_soon
from sessions.models import ChatSession, SessionState, Turn
from sessions.ongoing import Waiting, go_on, tell

BATCH = 100  # messages that are routed one by one before those that came meanwhile are looked at
TOGETHER = 5_000


def route(now: datetime) -> int:
    """Routes every incoming message that awaits it, each contact's in the order of the ledger. Returns how many.

    What belongs to the conversations that agents have goes first: it is quickly done, and somebody looks at it. Who
    finds the lock taken may leave: its holder looks once more after letting go.
    """
    routed = 0
    while _waiting().exists():
        with advisory_lock(Lock.ROUTE) as held:
            if not held:
                break
            while waiting := _next(TOGETHER):
                added = go_on(waiting, now)
                left = _next(BATCH) if added < len(waiting) else []
                routed += added + sum(route_message(message_id, now) for message_id, _contact in left)
    return routed


def _next(most: int) -> list[Waiting]:
    """Those that wait, first those that came first."""
    return list(_waiting().order_by("id").values_list("id", "contact_id")[:most])


def _waiting() -> QuerySet[Message]:
    return Message.objects.filter(direction=Direction.IN, taken_up=False)


def route_message(message_id: int, now: datetime) -> bool:
    """Routes one message in one transaction, its contact's row first. False where somebody else already did.

    An opt-out opens no interaction, and is shown in the one that is open.
    """
    with transaction.atomic():
        contact_id = Message.objects.values_list("contact_id", flat=True).get(id=message_id)
        contact = (
            Contact.objects.select_related("provider")
            .select_for_update(of=("self",), no_key=True)
            .get(id=contact_id)
        )
        message = _waiting().select_related("answers").filter(id=message_id, contact=contact).first()
        if message is None:
            return False
        Message.objects.filter(id=message.pk).update(taken_up=True)
        live.tell_contacts([contact.pk])
        session = open_session(contact)
        if session is None and message.opt_out:
            return True  # nobody is to answer it; it stays in the contact's history
        if session is None:
            _begin(contact, message, now)
        else:
            _go_on(session, contact, message, now)
    return True


def open_session(contact: Contact) -> ChatSession | None:
    """The contact's open interaction, locked; one that closes meanwhile does not count."""
    return (
        ChatSession.objects.select_for_update(of=("self",), no_key=True)
        .filter(contact=contact)
        .exclude(state=SessionState.CLOSED)
        .first()
    )


def _begin(contact: Contact, message: Message, now: datetime) -> None:
    """A new interaction, closed at once where a keyword answers it.

    The clock of the service level starts when the message came in, not when it is routed.
    """
    session = ChatSession.objects.create(
        contact=contact,
        campaign=campaign_for(message),
        opened_at=message.created_at,
        queued_at=message.created_at,
        active_at=message.created_at,
    )
    Turn.objects.create(session=session, message=message)
    found = keyword_answers.matching(session.campaign, message)
    if found is not None and keyword_answers.answer(session, contact, found, True, now):
        return
    queueing.enter(session, contact, now)
    answer_out_of_time(session, contact, now)
    tell(session)
    assign_soon()


def _go_on(session: ChatSession, contact: Contact, message: Message, now: datetime) -> None:
    """Another message in the open interaction. Where an agent has it, it is the agent's to answer."""
    Turn.objects.create(session=session, message=message)
    ChatSession.objects.filter(pk=session.pk).update(active_at=now)
    tell(session)
    if session.agent_id is None and not message.opt_out:
        found = keyword_answers.matching(session.campaign, message)
        if found is not None and keyword_answers.answer(session, contact, found, False, now):
            return
    answer_out_of_time(session, contact, now)


def campaign_for(message: Message) -> Campaign | None:
    """Where an incoming message belongs: what it answers decides, then the number it came to; None = unrouted.

    A campaign that is not enabled counts as none.
    """
    for campaign in (_campaign_answered(message.answers), _campaign_of_did(message)):
        if campaign is not None and campaign.enabled:
            return campaign
    return None


def _campaign_answered(answered: Message | None) -> Campaign | None:
    if answered is None:
        return None
    if answered.batch is not None:
        base = Base.objects.select_related("dialer__campaign").filter(id=answered.batch).first()
        return base.dialer.campaign if base else None
    turn = Turn.objects.select_related("session__campaign").filter(message=answered).first()
    return turn.session.campaign if turn else None


def _campaign_of_did(message: Message) -> Campaign | None:
    did = (
        DID.objects.select_related("campaign")
        .filter(provider_id=message.provider_id, number__in=variants(message.did))
        .first()
    )
    return did.campaign if did else None
