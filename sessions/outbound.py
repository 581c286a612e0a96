"""An agent writes first: opens an interaction with a customer, or finds the one that is open already."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from campaigns.models import Campaign
from campaigns.visible import visible_to
from providers import gate, live
from providers.contacts import contact_for
from providers.errors import Refusal
from providers.models import Contact, Provider
from providers.numbers import parse_destination
from providers.outbox import Composed
from providers.told import Told
from sessions import services
from sessions.holding import able, full_name, may_answer_in
from sessions.models import ChatSession, Origin, SessionState
from sessions.presence import seen

Compose = Callable[[Provider], Composed]


@dataclass(frozen=True, slots=True)
class Begun:
    """The interaction; `new`: whether it was opened and the message left, else it was there and nothing was sent."""

    session: ChatSession
    new: bool


def campaigns_for(agent: User) -> QuerySet[Campaign]:
    """In which campaigns the agent may write first; a supervisor in all that they see."""
    mine = Q(member_set__agent=agent)
    wanted = Q(pk__in=visible_to(agent)) | mine if agent.is_supervisor else mine
    return (
        Campaign.objects.filter(wanted, enabled=True).select_related("provider").distinct().order_by("name")
    )


def begin(
    agent: User,
    campaign: Campaign,
    number: str,
    compose: Compose,
    now: datetime,
    submission: UUID | None = None,
) -> Begun:
    """Opens an interaction that the agent holds, and sends its first message.

    `number` in any spelling with its country code. Where the customer has an open interaction that the agent may
    see, that one, and nothing is sent. Raises Refusal: `not_member` (403), `campaign_disabled`, a BadNumber,
    `taken` (names its holder), `waits_elsewhere`, and whatever the gate refuses; external registries hold too.
    """
    _require_campaign(agent, campaign)
    provider = campaign.provider
    address = parse_destination(number)
    composed = compose(provider)
    with transaction.atomic():
        seen(agent, now)
        contact = Contact.objects.select_for_update(no_key=True).get(pk=contact_for(provider, address).pk)
        if there := _open(contact):
            return Begun(_reachable(there, agent), new=False)
        if gate.do_not_call(provider, [contact.contact], external=True):
            raise Refusal("do_not_call", Told("do_not_call"))
        session = ChatSession.objects.create(
            contact=contact,
            campaign=campaign,
            agent=agent,
            state=SessionState.ACTIVE,
            origin=Origin.AGENT,
            opened_at=now,
            queued_at=now,
            assigned_at=now,
            taken_at=now,
            active_at=now,
        )
        services.answer(session, agent, composed, now, submission)
        live.tell_users([agent.pk])
    return Begun(session, new=True)


def _require_campaign(agent: User, campaign: Campaign) -> None:
    names = {"name": campaign}
    supervises = agent.is_supervisor and visible_to(agent).filter(pk=campaign.pk).exists()
    if not (supervises and able(agent.pk)) and not may_answer_in(agent.pk, campaign.pk):
        raise Refusal(
            "not_member",
            _("You are not a member of the campaign %(name)s. A supervisor can add you.") % names,
            status=403,
        )
    if not campaign.enabled:
        raise Refusal(
            "campaign_disabled",
            _("The campaign %(name)s is not enabled. Enable it or choose another one.") % names,
        )


def _open(contact: Contact) -> ChatSession | None:
    """Its contact is locked, so that no other one opens."""
    there = ChatSession.objects.select_related("campaign", "agent").exclude(state=SessionState.CLOSED)
    return there.filter(contact=contact).first()


def _reachable(there: ChatSession, agent: User) -> ChatSession:
    """For whoever may open it; else who holds it, or where it waits."""
    if there.agent_id == agent.pk:
        return there
    if there.state == SessionState.ACTIVE and there.agent is not None:
        name = full_name(there.agent)
        raise Refusal("taken", _("%(name)s is in a conversation with this customer.") % {"name": name})
    if may_answer_in(agent.pk, there.campaign_id) or agent.is_supervisor:
        return there
    if there.campaign is None:
        raise Refusal(
            "waits_elsewhere",
            _("This customer has written and waits for a supervisor to assign a campaign."),
        )
    raise Refusal(
        "waits_elsewhere",
        _("This customer waits in the campaign %(name)s, which is not yours.") % {"name": there.campaign},
    )
