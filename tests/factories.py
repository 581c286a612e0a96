"""Rows for tests, each made as the product makes it, with plausible defaults."""

from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import Role
from campaigns.models import DID, Campaign, Member
from dialers.models import Base, BaseState, Dialer
from providers import ledger
from providers.models import Contact, Direction, Message, Provider, Template
from providers.numbers import canonical
from providers.states import State
from sessions.models import ChatSession, SessionState

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # a Wednesday
OUR_NUMBER = "5511900000001"
CUSTOMER = "59899123456"
_serial = count(1)


@cache
def hashed(password: str) -> str:
    """Hashing is slow on purpose; once a run is enough."""
    return make_password(password)


def make_user(username: str, *roles: Role, **fields: Any) -> User:
    """Somebody who signs in with the password `password`."""
    user = User.objects.create(username=username, password=hashed("password"), **fields)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def make_agent(username: str = "", *campaigns: Campaign, penalty: int = 0, **fields: Any) -> User:
    """An agent, member of the given campaigns."""
    agent = make_user(username or f"agent{next(_serial)}", Role.AGENTS, **fields)
    for campaign in campaigns:
        Member.objects.create(campaign=campaign, agent=agent, penalty=penalty)
    return agent


def make_supervisor(username: str = "supervisor", **fields: Any) -> User:
    return make_user(username, Role.SUPERVISORS, is_staff=True, **fields)


def make_operator(username: str = "operator", **fields: Any) -> User:
    return make_user(username, Role.OPERATORS, is_staff=True, **fields)


def make_provider(name: str = "Wavy", number: str = OUR_NUMBER, **fields: Any) -> Provider:
    defaults = {"username": "integra", "password": "secret", "sms_from": "whatsapp:hsm:integra"}
    return Provider.objects.create(name=name, number=number, **{**defaults, **fields})


def make_template(
    provider: Provider, code: str = "reminder", body: str = "Hello {{1}}", **fields: Any
) -> Template:
    template = Template(provider=provider, code=code, body=body, **{"language": "en", **fields})
    template.full_clean()
    template.save()
    return template


def make_campaign(
    provider: Provider, name: str = "WhatsApp", dids: tuple[str, ...] = (), **fields: Any
) -> Campaign:
    """A campaign, open around the clock, with DIDs (none by default)."""
    campaign = Campaign.objects.create(name=name, provider=provider, **fields)
    for number in dids:
        DID.objects.create(campaign=campaign, provider=provider, number=number)
    return campaign


def make_dialer(
    provider: Provider, campaign: Campaign | None = None, name: str = "WavyDialer", **fields: Any
) -> Dialer:
    return Dialer.objects.create(name=name, provider=provider, campaign=campaign, **fields)


def make_base(
    dialer: Dialer, name: str = "monday.csv", state: str = BaseState.RUNNING, **fields: Any
) -> Base:
    return Base.objects.create(dialer=dialer, name=name, file=f"bases/{name}", state=state, **fields)


def make_contact(
    provider: Provider, number: str = CUSTOMER, last_incoming_at: datetime | None = None, **fields: Any
) -> Contact:
    return Contact.objects.create(
        provider=provider,
        contact=canonical(number),
        address=number,
        last_incoming_at=last_incoming_at,
        **fields,
    )


def incoming(
    contact: Contact, text: str = "Hello!", at: datetime = NOW, answers: Message | None = None, **fields: Any
) -> Message:
    """A customer's message as the drain leaves it: in the ledger, the window renewed, not yet routed."""
    defaults: dict[str, Any] = {
        "did": contact.provider.number,
        "address": contact.address,
        "kind": "TEXT",
        "content": {"type": "TEXT", "messageText": text},
        "provider_message_id": f"in-{next(_serial)}",
    }
    message = Message.objects.create(
        provider=contact.provider,
        contact=contact,
        direction=Direction.IN,
        text=text,
        state=State.RECEIVED,
        answers=answers,
        created_at=at,
        received_at=at,
        **{**defaults, **fields},
    )
    contact.last_incoming_at = max(at, contact.last_incoming_at or at)
    contact.save(update_fields=["last_incoming_at"])
    return message


def outgoing(
    contact: Contact,
    text: str = "We remind you of tomorrow",
    at: datetime = NOW,
    base: Base | None = None,
    **fields: Any,
) -> Message:
    """A message of ours: a template of a base where one is given, else an agent's text. `state` and times as wanted."""
    kind, content = (
        ("hsm", {"code": "reminder", "language": "en", "parameters": [text]})
        if base
        else ("text", {"text": text})
    )
    draft = ledger.Draft(contact, kind, content, text, batch=base.pk if base else None)
    (message,) = ledger.queue(contact.provider, [draft], at)
    for name, value in fields.items():
        setattr(message, name, value)
    message.save()
    return message


def make_session(
    contact: Contact, campaign: Campaign | None, agent: User | None = None, **fields: Any
) -> ChatSession:
    """An interaction, waiting; active with `state`."""
    defaults: dict[str, Any] = {"opened_at": NOW, "assigned_at": NOW if agent else None}
    if fields.get("state") == SessionState.ACTIVE:
        defaults["taken_at"] = NOW
    return ChatSession.objects.create(
        contact=contact, campaign=campaign, agent=agent, **{**defaults, **fields}
    )
