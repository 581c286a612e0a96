"""Queues that are full or too slow: the queue text, and on to another campaign.

See docs/decisions/0028.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value

from campaigns.models import Campaign
from providers import live
from providers.models import Contact
from sessions import events
from sessions.assignment import free_places
from sessions.automatic import in_time, say
from sessions.holding import assign_soon, locked
from sessions.models import ChatSession, Event, EventKind, Origin, SessionState

log = structlog.get_logger(__name__)
AT_ONCE = 100
FEW = 1000  # free places that are counted at most


def in_queue() -> QuerySet[ChatSession]:
    """What waits in a campaign without an agent."""
    return ChatSession.objects.filter(state=SessionState.WAITING, agent=None, campaign__isnull=False)


def has_place(campaign: Campaign, now: datetime, besides: int = 0) -> bool:
    """Whether fewer wait than may, not counting one of them, nor those whom an agent is free to be given.

    Reads little more than may wait.
    """
    most = campaign.max_queued
    if not most:
        return True
    others = in_queue().filter(campaign=campaign).exclude(pk=besides).order_by().values_list("pk")
    if len(others[:most]) < most:
        return True
    most += free_places(campaign, now, FEW)
    return len(others[:most]) < most


def enter(session: ChatSession, contact: Contact, now: datetime) -> None:
    """A new interaction comes into its campaign's queue. Contact and interaction are locked."""
    campaign = session.campaign
    if campaign is None or has_place(campaign, now, session.pk) or not in_time(campaign, now):
        return
    _relieve(session, contact, now)


def relieve_overdue(now: datetime) -> int:
    """Does what the campaigns say with what has waited for longer than they allow. Returns how many were told or moved.

    Each in its own transaction; AT_ONCE of each campaign at most.
    """
    slow = Campaign.objects.filter(pk__in=_overdue(now).order_by().values("campaign"))
    relieved = 0
    for campaign in slow.select_related("calendar").order_by("pk"):
        if in_time(campaign, now):
            relieved += sum(_relieve_one(pk, now) for pk in _to_relieve(campaign, now))
    if relieved:
        log.info("queue_relieved", n=relieved)
    return relieved


def _overdue(now: datetime) -> QuerySet[ChatSession]:
    allowed = ExpressionWrapper(
        F("campaign__max_time_in_queue") * Value(timedelta(seconds=1), DurationField()), DurationField()
    )
    too_slow = in_queue().filter(campaign__max_time_in_queue__gt=0, origin=Origin.CUSTOMER)
    return too_slow.filter(queued_at__lte=Value(now) - allowed)


def _to_relieve(campaign: Campaign, now: datetime) -> Sequence[int]:
    """Those for whom there is still something to do, so that the others do not stand in front of them."""
    still = Q(pk__in=[])
    if campaign.queue_text.strip():
        still |= Q(queue_text_at=None)
    for target in _ways(campaign, now):
        still |= ~Q(Exists(_moves(target).filter(session=OuterRef("pk"))))
    rows = _overdue(now).filter(still, campaign=campaign).order_by("queued_at", "id")
    return list(rows.values_list("pk", flat=True)[:AT_ONCE])


def _relieve_one(session_id: int, now: datetime) -> bool:
    """One that is still overdue once it is locked; the contact's row comes first, as everywhere."""
    with transaction.atomic():
        overdue = _overdue(now).filter(pk=session_id)
        contact_id = overdue.values_list("contact", flat=True).first()
        rows = Contact.objects.select_related("provider").filter(pk=contact_id or 0)
        contact = rows.select_for_update(of=("self",), no_key=True).first()
        if contact is None:
            return False
        session = locked(session_id)
        if session.contact_id != contact.pk or not overdue.exists():
            return False
        return _relieve(session, contact, now)


def _relieve(session: ChatSession, contact: Contact, now: datetime) -> bool:
    """The queue text, once per interaction, and on to the first campaign on the way that takes it."""
    campaign = session.campaign
    if campaign is None:
        return False
    told = bool(campaign.queue_text.strip()) and session.queue_text_at is None
    if told:
        say(session, contact, campaign.queue_text, now)
        session.queue_text_at = now  # also where it was refused: it is not tried for ever
        session.save(update_fields=["queue_text_at"])
    gone = set(Event.objects.filter(session=session, kind=EventKind.MOVED).values_list("campaign", flat=True))
    target = next((one for one in _ways(campaign, now) if one.pk not in gone), None)
    if target is not None:
        _move(session, target, now)
    return told or target is not None


def _ways(campaign: Campaign, now: datetime) -> Iterator[Campaign]:
    """The campaigns to which it may go on, the nearest first: enabled, open and with a place; past those that are not.

    A circle ends where it began.
    """
    seen, one = {campaign.pk}, campaign.overflow
    while one is not None and one.pk not in seen:
        seen.add(one.pk)
        if (
            one.enabled
            and one.provider_id == campaign.provider_id
            and in_time(one, now)
            and has_place(one, now)
        ):
            yield one
        one = one.overflow


def _moves(target: Campaign) -> QuerySet[Event]:
    return Event.objects.filter(kind=EventKind.MOVED, campaign=target)


def _move(session: ChatSession, target: Campaign, now: datetime) -> None:
    before = session.campaign_id
    session.campaign, session.queued_at = target, now
    session.save(update_fields=["campaign", "queued_at"])
    events.add(session, EventKind.MOVED, now, campaign=target)
    live.tell_queues([before, target.pk])
    assign_soon()
