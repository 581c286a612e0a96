"""Whom an alert is told: mail and webhook, once each, in order, again after a failure, never lost."""

import hashlib
import hmac
import json
import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from providers.models import Provider
from tests.alerts.conftest import BOSS
from tests.alerts.life import at, subjects, watch
from tests.factories import NOW, make_provider, make_supervisor
from tests.providers.listener import Listener, listening
from ucontact_wavy.alerts import outbox
from ucontact_wavy.alerts.sweep import sweep
from ucontact_wavy.models import AlertDelivery, AlertRules, DeliveryState

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alert_rules")]
SECRET = "a-secret-of-ours"
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"


def take(peer: socket.socket, listener: Listener) -> None:
    """One whole request."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += peer.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"ontent-" in line and b"ength" in line
    )
    while len(body) < length:
        body += peer.recv(65536)
    listener.requests.append(head + b"\r\n\r\n" + body)


@pytest.fixture
def hook(settings: Any) -> Iterator[Listener]:
    """A webhook that answers 503 to the first request and 204 from then on."""

    def act(peer: socket.socket, listener: Listener) -> None:
        take(peer, listener)
        peer.sendall(BUSY if len(listener.requests) == 1 else TAKEN)

    with listening(act) as listener:
        settings.ALERT_PRIVATE_HOSTS = ["127.0.0.1"]
        AlertRules.objects.update(
            emails="", webhook_url=f"http://127.0.0.1:{listener.port}/hook?key=1", webhook_secret=SECRET
        )
        yield listener


def go_wrong() -> Provider:
    return make_provider(suspended_at=NOW, suspended_reason="credentials")


def headers_and_body(request: bytes) -> tuple[dict[str, str], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        headers[name] = value
    return headers, body


def test_the_webhook_gets_each_event_once_after_its_retry_and_in_order(hook: Listener) -> None:
    go_wrong()
    watch(NOW)
    Provider.objects.update(suspended_at=None)
    watch(NOW + timedelta(minutes=1), timedelta(minutes=5))
    told = [json.loads(headers_and_body(request)[1])["event"] for request in hook.requests]
    assert told == ["opened", "opened", "ended"]


def test_a_webhook_tells_a_program_all_there_is(hook: Listener) -> None:
    provider = go_wrong()
    watch(NOW)
    content = json.loads(headers_and_body(hook.requests[0])[1])
    assert content == {
        "event": "opened",
        "alert": content["alert"],
        "kind": "credentials",
        "level": "red",
        "subject": f"provider:{provider.pk}",
        "values": {"provider": "Wavy", "bases": 0},
        "sentence": "Wavy turns away the username or password since 15:00.",
        "since": "2026-03-04T15:00:00+00:00",
        "until": None,
        "lasted_seconds": None,
        "url": f"http://127.0.0.1:8000/admin/providers/provider/{provider.pk}/change/",
    }


def test_a_webhook_is_signed_and_a_repetition_is_known_by_its_delivery(hook: Listener) -> None:
    go_wrong()
    watch(NOW, timedelta(minutes=2))
    (first, body), (second, _) = map(headers_and_body, hook.requests)
    stamp = first["X-uContact-Timestamp"]
    expected = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    assert first["X-uContact-Signature"] == f"sha256={expected}"
    assert first["X-uContact-Delivery"] == second["X-uContact-Delivery"]


def test_nothing_inside_the_own_network_is_posted_to_unless_it_is_named(
    hook: Listener, settings: Any
) -> None:
    settings.ALERT_PRIVATE_HOSTS = []
    go_wrong()
    watch(NOW, timedelta(hours=1))
    delivery = AlertDelivery.objects.get()
    assert (delivery.state, delivery.error) == (DeliveryState.FAILED, f"address port {hook.port}")
    assert hook.requests == []


def test_a_webhook_that_never_answers_is_given_up_after_nine_attempts(hook: Listener) -> None:
    AlertRules.objects.update(webhook_url="http://127.0.0.1:1/")
    go_wrong()
    sweep(NOW)
    for hours in range(48):
        for minutes in range(0, 60, 20):
            outbox.tell_waiting(at(NOW + timedelta(hours=hours, minutes=minutes)))
    delivery = AlertDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error) == (
        DeliveryState.FAILED,
        9,
        "unreachable NewConnectionError",
    )


def test_a_mail_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smtplib.SMTP", refusing)
    monkeypatch.setattr("django.conf.settings.EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    go_wrong()
    watch(NOW)
    assert AlertDelivery.objects.get().error == "mail_unreachable ConnectionRefusedError"
    monkeypatch.setattr("django.conf.settings.EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    watch(NOW + timedelta(minutes=1), timedelta(minutes=5))
    assert subjects() == ["Alert: username or password turned away · Wavy"]


def refusing(*_arguments: Any, **_options: Any) -> smtplib.SMTP:
    raise ConnectionRefusedError


def test_a_sweep_that_dies_before_telling_loses_nothing() -> None:
    go_wrong()
    sweep(NOW)
    assert mail.outbox == []
    watch(NOW + timedelta(seconds=30))
    assert subjects() == ["Alert: username or password turned away · Wavy"]


def test_a_teller_that_dies_at_work_is_followed_after_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    go_wrong()
    sweep(NOW)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.tell_waiting(at(NOW))
    outbox.tell_waiting(at(NOW + outbox.LEASE / 2))
    assert mail.outbox == []
    outbox.tell_waiting(at(NOW + outbox.LEASE))
    assert len(mail.outbox) == 1


def killed(*_arguments: Any) -> None:
    raise KeyboardInterrupt


def test_each_recipient_reads_it_in_their_own_language_and_zone() -> None:
    make_supervisor("ana", email="ana@example.com", language="es", time_zone="America/Montevideo")
    AlertRules.objects.update(emails=f"Ana@Example.com\n{BOSS}")
    go_wrong()
    watch(NOW)
    ana, boss = mail.outbox
    assert "12:00" in ana.body
    assert "15:00" in boss.body
    assert ana.extra_headers["Message-ID"] != boss.extra_headers["Message-ID"]


def test_a_mail_says_what_since_when_and_where_to_act() -> None:
    provider = go_wrong()
    watch(NOW)
    Provider.objects.update(suspended_at=None)
    watch(NOW + timedelta(minutes=10), timedelta(minutes=2))
    over = mail.outbox[-1]
    assert over.to == [BOSS]
    assert over.body == (
        "Wavy turns away the username or password since 15:00.\n\n"
        "Over since 15:10, lasted 10 min.\n\n"
        f"Open the provider: http://127.0.0.1:8000/admin/providers/provider/{provider.pk}/change/"
    )


def test_without_a_mail_server_nothing_waits_for_one(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    go_wrong()
    watch(NOW)
    assert not AlertDelivery.objects.exists()
