"""Each kind of alert: it opens once, is told once, ends once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core import mail

from dialers.failures import FAILURE_RATE
from dialers.models import Base, BaseState
from providers.models import Callback, Message, Provider, QuarantinedItem, UnmatchedStatus
from providers.models.callback import CallbackKind, CallbackState
from providers.states import State
from sessions.models import ChatSession, SessionState
from tests.alerts.life import open_now, subjects, watch
from tests.factories import (
    NOW,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_session,
    outgoing,
)
from ucontact_wavy.alerts import sentences
from ucontact_wavy.alerts.workers import note_queues
from ucontact_wavy.models import Alert, AlertKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alert_rules")]
LONG = timedelta(minutes=20)
HOUR = timedelta(hours=1)


@dataclass
class Scene:
    """What makes it wrong, what makes it right again, and what is read of it."""

    kind: AlertKind
    wrong: Callable[[], object]
    right: Callable[[], object]
    says: str
    subject: str


def suspended() -> None:
    provider = make_provider(suspended_at=NOW, suspended_reason="credentials")
    make_base(make_dialer(provider), state=BaseState.PAUSED, reason="credentials")


def corrected_and_started() -> None:
    Provider.objects.update(suspended_at=None)
    Base.objects.update(state=BaseState.RUNNING, reason="")


def paused_itself() -> None:
    figures = {"percent": 40, "limit": 20}
    dialer = make_dialer(make_provider())
    make_base(dialer, state=BaseState.PAUSED, reason=FAILURE_RATE, reason_figures=figures)


def fails() -> None:
    provider = make_provider(last_callback_at=NOW + HOUR)
    base = make_base(make_dialer(provider), started_at=NOW)
    contact = make_contact(provider)
    for n in range(60):
        state = State.REFUSED if n % 2 else State.DELIVERED
        outgoing(contact, base=base, state=state, attempts=1, accepted_at=NOW)


def waits_too_long() -> None:
    provider = make_provider()
    campaign = make_campaign(provider, waiting_red=60)
    make_session(make_contact(provider), campaign, opened_at=NOW - timedelta(minutes=3))


def queue_is_full() -> None:
    provider = make_provider()
    campaign = make_campaign(provider, max_queued=2)
    for n in range(2):
        make_session(make_contact(provider, f"5989912345{n}"), campaign)


def sends_into_silence() -> None:
    provider = make_provider(last_callback_at=NOW - HOUR)
    outgoing(make_contact(provider), state=State.ACCEPTED, accepted_at=NOW - timedelta(seconds=5))


def callbacks_come() -> None:
    Provider.objects.update(last_callback_at=NOW + LONG)


def stored(state: CallbackState = CallbackState.DONE) -> Callback:
    return Callback.objects.create(kind=CallbackKind.STATUS, body=b"{}", received_at=NOW, state=state)


def quarantined() -> None:
    callback = stored()
    QuarantinedItem.objects.bulk_create(
        QuarantinedItem(callback=callback, index=n, raw="?", reason="?") for n in range(12)
    )
    QuarantinedItem.objects.update(created_at=NOW)


def unknown_statuses() -> None:
    callback, provider = stored(), make_provider()
    UnmatchedStatus.objects.bulk_create(
        UnmatchedStatus(
            callback=callback, provider=provider, index=n, provider_message_id="x", item={}, created_at=NOW
        )
        for n in range(1000)
    )


SCENES = [
    Scene(
        AlertKind.CREDENTIALS,
        suspended,
        corrected_and_started,
        "Wavy turns away the username or password since 15:00. 1 base stands still.",
        "username or password turned away · Wavy",
    ),
    Scene(
        AlertKind.BASE_PAUSED,
        paused_itself,
        lambda: Base.objects.update(state=BaseState.RUNNING, reason=""),
        "“monday.csv” of WavyDialer has paused itself, 15:00: 40 % of the latest messages failed, and the "
        "dialer's limit is 20 %.",
        "base paused by itself · monday.csv",
    ),
    Scene(
        AlertKind.FAILURE_RATE,
        fails,
        lambda: Message.objects.update(state=State.DELIVERED),
        "50 % of the latest messages of “monday.csv” (WavyDialer) fail since 15:00.",
        "too much fails · monday.csv",
    ),
    Scene(
        AlertKind.QUEUE_WAIT,
        waits_too_long,
        lambda: ChatSession.objects.update(state=SessionState.CLOSED),
        "1 customer waits in WhatsApp, the longest for 23 min.",
        "customers wait too long · WhatsApp",
    ),
    Scene(
        AlertKind.QUEUE_FULL,
        queue_is_full,
        lambda: ChatSession.objects.update(state=SessionState.CLOSED),
        "The queue of WhatsApp is full since 15:00: 2 wait, and 2 may.",
        "queue full · WhatsApp",
    ),
    Scene(
        AlertKind.SILENT,
        sends_into_silence,
        callbacks_come,
        "Wavy takes messages and has called nothing back since 15:00.",
        "callbacks silent · Wavy",
    ),
    Scene(
        AlertKind.QUARANTINE,
        quarantined,
        QuarantinedItem.objects.all().delete,
        "Quarantine fills: 12 items of callbacks could not be applied within an hour.",
        "quarantine fills",
    ),
    Scene(
        AlertKind.SET_ASIDE,
        lambda: stored(CallbackState.FAILED),
        lambda: Callback.objects.update(state=CallbackState.DONE),
        "Callbacks set aside within an hour because applying them failed: 1.",
        "callbacks set aside",
    ),
    Scene(
        AlertKind.UNMATCHED,
        unknown_statuses,
        UnmatchedStatus.objects.all().delete,
        "Statuses within an hour that belong to no message of ours: more than 1,000.",
        "statuses of unknown messages",
    ),
    Scene(
        AlertKind.WORKERS,
        lambda: note_queues(["bases"], NOW - timedelta(seconds=10)),
        lambda: note_queues(["bases"], NOW + HOUR),
        "The worker “bases” was not heard from since 14:59: bases are not sent.",
        "workers not heard from · bases",
    ),
]
EACH = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.kind.value)


def test_there_is_a_scene_for_each_kind() -> None:
    assert {scene.kind for scene in SCENES} == set(AlertKind)


@EACH
def test_it_opens_once_and_ends_once_and_each_is_told_once(scene: Scene) -> None:
    scene.wrong()
    now = watch(NOW, LONG)
    (alert,) = open_now(scene.kind)
    assert sentences.sentence(alert, now) == scene.says
    assert subjects() == [f"Alert: {scene.subject}"]

    scene.right()
    watch(now, LONG / 2)
    alert.refresh_from_db()
    assert alert.until == now
    assert Alert.objects.count() == 1
    assert subjects() == [f"Alert: {scene.subject}", f"Over: {scene.subject}"]


@EACH
def test_where_nothing_is_wrong_it_stays_away(scene: Scene) -> None:
    scene.wrong()
    scene.right()
    watch(NOW, LONG)
    assert (Alert.objects.count(), mail.outbox) == (0, [])
