"""The product with something on every page, behind a live server, for walks over all its pages."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.contrib.auth.models import Group
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Team, User
from accounts.roles import Role
from campaigns.models import Calendar, Campaign, CannedReply, Disposition, KeywordAnswer, Member
from dialers.models import Base, Dialer
from providers import do_not_call
from providers.models import Callback, Provider, QuarantinedItem
from providers.models.callback import CallbackKind, CallbackState
from providers.models.do_not_call import Source
from providers.states import State
from sessions import notes
from sessions.models import SessionState
from tests.dialers.files import hsm_lines, loaded, settle, started
from tests.dialers.outcomes import become, messages_of
from tests.dialers.wavy import Wavy
from tests.factories import (
    OUR_NUMBER,
    incoming,
    make_agent,
    make_campaign,
    make_contact,
    make_dialer,
    make_operator,
    make_provider,
    make_session,
    make_supervisor,
    make_template,
    make_user,
    outgoing,
)
from ucontact_wavy.models import Alert, AlertKind

HEADED = "Teléfono;Nombre;Hora\n59899000001;María;12:00\n59899000002;João;15:00\n"
ENDS = (State.READ, State.DELIVERED, State.FAILED, State.UNCERTAIN)


@dataclass
class Whole:
    """The ids that addresses are made of, and a session's cookie for everybody who looks."""

    ids: dict[str, int]
    cookies: dict[str, str]


def furnish(folder: Path) -> Whole:
    """Rows of every kind, each made as the product makes it. Files go below `folder`."""
    provider = make_provider()
    template = make_template(provider, "welcome", "Welcome!")
    make_template(provider, "notice", "Dear customer: {{1}}")
    people = _people()
    campaign = _campaign(provider, people["agent"])
    dialer = make_dialer(provider, campaign)
    ids = {"provider": provider.pk, "template": template.pk, "campaign": campaign.pk, "dialer": dialer.pk}
    ids |= _bases(dialer, folder) | _conversations(campaign, people["agent"]) | _around(provider)
    ids |= {"user": people["agent"].pk, "calendar": Calendar.objects.get().pk, "team": Team.objects.get().pk}
    return Whole(ids, {name: _signed_in(user) for name, user in people.items()})


def _signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _people() -> dict[str, User]:
    Team.objects.create(name="Evenings")
    return {
        "admin": make_user("admin", is_staff=True, is_superuser=True),
        "supervisor": make_supervisor(),
        "operator": make_operator(),
        "agent": make_agent("ana", first_name="Ana"),
        "nobody": make_user("nobody"),
        "supervisor who answers": _both(),
    }


def _both() -> User:
    both = make_supervisor("both")
    both.groups.add(Group.objects.get(name=Role.AGENTS))
    return both


def _campaign(provider: Provider, agent: User) -> Campaign:
    campaign = make_campaign(provider, "Appointments", dids=(OUR_NUMBER,))
    Member.objects.create(campaign=campaign, agent=agent)
    Calendar.objects.create(name="Office", country="UY").days.create(date="2026-12-24", name="Eve")
    top = Disposition.objects.create(campaign=campaign, name="Sold")
    Disposition.objects.create(campaign=campaign, parent=top, name="At once")
    KeywordAnswer.objects.create(campaign=campaign, words="address", text="Our address is …")
    CannedReply.objects.create(campaign=campaign, shortcut="hello", text="Good morning")
    CannedReply.objects.create(campaign=None, shortcut="bye", text="Good bye")
    return campaign


def _bases(dialer: Dialer, folder: Path) -> dict[str, int]:
    """One that was sent and came to different ends, one ready, one whose columns must be told, one empty of luck."""
    wavy = Wavy()
    now = timezone.now()
    with override_settings(WAVY_API_URL=wavy.url, MEDIA_ROOT=folder):
        sent = started(dialer, hsm_lines(6, "hsm:notice:row {n}"), now)
        settle(sent, now)
        settle(sent, now)
        ready = loaded(dialer, [*hsm_lines(3), "WavyDialer;nonsense;hsm:welcome;9999"], name="ready.csv")
        headed = loaded(dialer, HEADED, name="headed.csv")
    wavy.close()
    messages = messages_of(sent)
    for message, state in zip(messages, ENDS, strict=False):
        become(message, state, error="470" if state == State.FAILED else "")
    messages[3].state = State.UNCERTAIN  # Wavy's answer never came: it was not taken
    messages[3].save(update_fields=["state"])
    return {"sent": sent.pk, "ready": ready.pk, "headed": headed.pk, "message": messages[0].pk}


def _conversations(campaign: Campaign, agent: User) -> dict[str, int]:
    now = timezone.now()
    contact = make_contact(campaign.provider, name="María José")
    base = Base.objects.order_by("id")[0]
    sent = outgoing(contact, "We remind you of tomorrow", now - timedelta(hours=2), base, state=State.READ)
    incoming(contact, "May I come at three?", now - timedelta(minutes=9), answers=sent)
    outgoing(contact, "Of course", now - timedelta(minutes=5), state=State.FAILED, error_code="470")
    active = make_session(contact, campaign, agent, state=SessionState.ACTIVE, opened_at=now)
    notes.add(active, agent, "Prefers the mornings", now, uuid4())
    late = make_contact(campaign.provider, "59899123457", now - timedelta(days=2), name="João")
    waiting = make_session(late, campaign, opened_at=now - timedelta(minutes=3))
    stray = make_contact(campaign.provider, "59899123458")
    incoming(stray, "Hello?", now)
    unrouted = make_session(stray, None, opened_at=now)
    short = make_provider("Wavy SMS", "28149", api_type="WavySMS", sms_from="")
    texts = make_campaign(short, "SMS", dids=("28149",))
    Member.objects.create(campaign=texts, agent=agent)
    asked = make_contact(short, "59899123459")
    incoming(asked, "STATUS 12", now)
    sms = make_session(asked, texts, agent, state=SessionState.ACTIVE, opened_at=now)
    ids = {"contact": contact.pk, "active": active.pk, "waiting": waiting.pk}
    return {**ids, "unrouted": unrouted.pk, "sms": sms.pk}


def _around(provider: Provider) -> dict[str, int]:
    """What went wrong, and who is not to be written to."""
    now = timezone.now()
    callback = Callback.objects.create(
        provider=provider,
        kind=CallbackKind.MESSAGE,
        body=b'{"total": 1}',
        received_at=now,
        state=CallbackState.FAILED,
        error="no data",
    )
    item = QuarantinedItem.objects.create(callback=callback, index=0, raw="{}", reason="no source")
    entry = do_not_call.add("5511987654321", None, Source.CUSTOMER, "asked on the phone", None)
    alert = Alert.objects.create(
        kind=AlertKind.CREDENTIALS,
        subject=f"provider:{provider.pk}",
        values={"provider": provider.name},
        since=now,
        opened_at=now,
    )
    Alert.objects.create(
        kind=AlertKind.QUARANTINE, subject="inbox", values={"n": 9}, level="amber", since=now, opened_at=now
    )
    return {"callback": callback.pk, "item": item.pk, "entry": entry.pk, "alert": alert.pk}
