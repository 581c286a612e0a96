"""Alerts do not flap, do not open too early, grow worse once, and know what they cannot know."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from redis import Redis

from dialers.models import Base, BaseState
from providers.locks import Lock
from providers.models import Callback, Provider
from providers.models.callback import CallbackKind
from providers.states import State
from sessions.models import ChatSession
from tests.alerts.life import open_now, subjects, watch
from tests.factories import (
    NOW,
    make_base,
    make_campaign,
    make_contact,
    make_dialer,
    make_provider,
    make_session,
    make_supervisor,
    outgoing,
)
from ucontact_wavy.alerts import workers
from ucontact_wavy.alerts.sweep import sweep
from ucontact_wavy.alerts.workers import note_queues
from ucontact_wavy.models import Alert, AlertKind, AlertRules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alert_rules")]
MINUTE = timedelta(minutes=1)


def test_what_comes_and_goes_is_one_alert() -> None:
    provider = make_provider()
    session = make_session(make_contact(provider), make_campaign(provider, waiting_amber=60))
    moments = [NOW + n * MINUTE for n in range(1, 21)]
    for n, now in enumerate(moments):
        opened = now if n % 2 else NOW - MINUTE
        ChatSession.objects.filter(pk=session.pk).update(opened_at=opened)
        watch(now)
    assert subjects() == ["Alert: customers wait too long · WhatsApp"]


def test_a_rate_about_its_limit_opens_none_and_ends_none() -> None:
    """From 50 % on it is an alert; between 40 % and 50 % it stays what it is."""
    AlertRules.objects.update(failure_percent=50)
    provider = make_provider(last_callback_at=NOW + timedelta(days=1))
    base = make_base(make_dialer(provider), started_at=NOW)
    messages = [
        outgoing(make_contact(provider, f"5989912{n:04}"), base=base, attempts=1, state=State.DELIVERED)
        for n in range(100)
    ]
    for failed, alerts in ((45, 0), (50, 1), (45, 1), (39, 0)):
        for n, message in enumerate(messages):
            message.state = State.REFUSED if n < failed else State.DELIVERED
            message.save()
        watch(NOW + failed * MINUTE, 5 * MINUTE)
        assert len(open_now(AlertKind.FAILURE_RATE)) == alerts, failed


def test_waiting_that_turns_red_is_told_once_more() -> None:
    provider = make_provider()
    campaign = make_campaign(provider, waiting_amber=60, waiting_red=600)
    make_session(make_contact(provider), campaign)
    watch(NOW, 20 * MINUTE)
    assert [subject.partition(":")[0] for subject in subjects()] == ["Alert", "Alert, worse"]


def test_who_waits_while_the_campaign_is_closed_is_no_alert() -> None:
    provider = make_provider()
    campaign = make_campaign(provider, waiting_red=60, schedule="mon;09:00-17:59")
    make_session(make_contact(provider), campaign)
    watch(NOW, 20 * MINUTE)
    assert not Alert.objects.exists()


def test_silence_counts_from_the_message_that_nothing_came_back_for() -> None:
    provider = make_provider(last_callback_at=NOW - timedelta(days=1))
    watch(NOW, 5 * MINUTE)
    message = outgoing(make_contact(provider), state=State.ACCEPTED, accepted_at=NOW + 6 * MINUTE)
    watch(NOW + 6 * MINUTE, 14 * MINUTE)
    assert not open_now(AlertKind.SILENT)
    watch(NOW + 21 * MINUTE)
    assert [alert.since for alert in open_now(AlertKind.SILENT)] == [message.accepted_at]


def test_a_callback_in_between_begins_the_count_anew() -> None:
    provider = make_provider()
    contact = make_contact(provider)
    for n in range(0, 60, 10):
        now = NOW + n * MINUTE
        outgoing(contact, state=State.ACCEPTED, accepted_at=now)
        Provider.objects.update(last_callback_at=now - timedelta(seconds=1))
        watch(now, 9 * MINUTE)
    assert not Alert.objects.exclude(opened_at=None).exists()


def test_callbacks_that_wait_to_be_applied_are_no_silence() -> None:
    provider = make_provider()
    outgoing(make_contact(provider), state=State.ACCEPTED, accepted_at=NOW)
    Callback.objects.create(provider=provider, kind=CallbackKind.STATUS, body=b"{}", received_at=NOW)
    watch(NOW, 30 * MINUTE)
    assert not Alert.objects.exists()


def test_a_base_that_nobody_starts_after_its_credentials_were_corrected_is_an_alert() -> None:
    provider = make_provider()
    make_base(make_dialer(provider), state=BaseState.PAUSED, reason="credentials")
    watch(NOW, 4 * MINUTE)
    assert not open_now(AlertKind.BASE_PAUSED)
    watch(NOW + 5 * MINUTE)
    assert len(open_now(AlertKind.BASE_PAUSED)) == 1


def test_a_base_that_somebody_paused_is_none() -> None:
    make_base(make_dialer(make_provider()), state=BaseState.PAUSED)
    watch(NOW, 10 * MINUTE)
    assert not Alert.objects.exists()


@pytest.mark.parametrize("kind", [AlertKind.CREDENTIALS])
def test_what_is_not_watched_is_never_an_alert(kind: AlertKind) -> None:
    AlertRules.objects.update(off=[kind.value])
    make_provider(suspended_at=NOW)
    watch(NOW, 5 * MINUTE)
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        (
            "silent_minutes",
            lambda: outgoing(make_contact(make_provider()), state=State.ACCEPTED, accepted_at=NOW),
        ),
        ("worker_seconds", lambda: note_queues(["media"], NOW - MINUTE)),
    ],
)
def test_a_limit_of_zero_is_never(field: str, wrong: Any) -> None:
    AlertRules.objects.update(**{field: 0})
    wrong()
    watch(NOW, 30 * MINUTE)
    assert not Alert.objects.exists()


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that refuses the connection."""
    monkeypatch.setattr(workers, "redis", Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2))


def test_without_redis_nothing_is_said_of_workers(redis_away: None) -> None:
    Alert.objects.create(kind=AlertKind.WORKERS, subject="queue:bases", since=NOW, opened_at=NOW)
    watch(NOW, 5 * MINUTE)
    assert [alert.subject for alert in open_now(AlertKind.WORKERS)] == ["queue:bases"]


def test_that_nobody_watched_is_told_once_it_is_over() -> None:
    watch(NOW)
    watch(NOW + 30 * MINUTE, 2 * MINUTE)
    (alert,) = Alert.objects.all()
    assert (alert.since, alert.until) == (NOW, NOW + 30 * MINUTE)
    assert [subject.partition(":")[0] for subject in subjects()] == ["Over"]


def test_colleagues_from_whom_a_campaign_is_kept_are_not_told() -> None:
    provider = make_provider()
    campaign = make_campaign(provider, waiting_red=60)
    campaign.groups.add(Group.objects.create(name="Montevideo"))
    make_session(make_contact(provider), campaign, opened_at=NOW - 2 * MINUTE)
    make_supervisor(email="outsider@example.com")
    AlertRules.objects.update(emails="outsider@example.com\nboss@example.com")
    watch(NOW)
    assert [one.to for one in mail.outbox] == [["boss@example.com"]]


def test_what_stays_as_it_is_costs_no_query_of_its_own(django_assert_max_num_queries: Any) -> None:
    provider = make_provider()
    dialer = make_dialer(provider)
    for n in range(30):
        make_base(dialer, f"{n}.csv", state=BaseState.PAUSED, reason="credentials")
        outgoing(make_contact(provider, f"5989900{n:04}"), base=Base.objects.first())
    sweep(NOW)
    with django_assert_max_num_queries(25):
        sweep(NOW + MINUTE)


@pytest.fixture
def another_sweep() -> Iterator[None]:
    """Somebody else at it, over a connection of their own."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 0)", [int(Lock.ALERTS)])
    yield
    other.close()


def test_a_sweep_beside_another_does_nothing(another_sweep: None) -> None:
    make_provider(suspended_at=NOW)
    assert sweep(NOW) is False
    assert not Alert.objects.exists()
