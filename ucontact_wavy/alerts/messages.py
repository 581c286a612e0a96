"""What is told of an alert: the mail in its reader's language, the JSON of the webhook and its signature."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from ucontact_wavy.alerts import sentences
from ucontact_wavy.models import Alert, AlertKind, Event

SIGNATURE, TIMESTAMP, DELIVERY = "X-uContact-Signature", "X-uContact-Timestamp", "X-uContact-Delivery"


@dataclass(frozen=True, slots=True)
class Told:
    """One alert as a person reads it: a line, and the rest."""

    subject: str
    text: str


def told(alert: Alert, event: Event, now: datetime) -> Told:
    """In the active language and zone: the sentence, since when it is over if it is, and where to act."""
    sentence = sentences.sentence(alert, now)
    act, path = sentences.act(alert)
    kind = AlertKind(alert.kind).label
    subject = {
        Event.OPENED: _("Alert: %(kind)s"),
        Event.WORSE: _("Alert, worse: %(kind)s"),
        Event.ENDED: _("Over: %(kind)s"),
    }[event] % {"kind": kind}
    parts = [sentence, sentences.ending(alert), f"{act}: {settings.PUBLIC_URL}{path}"]
    return Told(
        f"{subject} · {alert.name}" if alert.name else subject, "\n\n".join(part for part in parts if part)
    )


def mail(alert: Alert, event: Event, address: str, now: datetime) -> EmailMessage:
    """The mail to one recipient, in their language and zone if they sign in here. One query."""
    with reader_of(address):
        what = told(alert, event, now)
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    # Always the same for the same event and recipient, so that a mail that had to be sent again is one to its reader.
    digest = hashlib.sha256(f"{alert.pk}/{event}/{address}".encode()).hexdigest()[:24]
    headers = {"Message-ID": f"<alert-{digest}@{host}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(f"[uContact-Wavy] {what.subject}", what.text, to=[address], headers=headers)


@contextmanager
def reader_of(address: str) -> Iterator[None]:
    """The language and zone of whoever signs in with this address, else those of the installation."""
    user = User.objects.filter(email__iexact=address, is_active=True).order_by("pk").first()
    language = (user.language if user else "") or settings.LANGUAGE_CODE
    zone = ZoneInfo(user.time_zone if user else settings.TIME_ZONE)
    with translation.override(language), timezone.override(zone):
        yield


def webhook_body(alert: Alert, event: Event, now: datetime) -> bytes:
    """The JSON of an alert, in the installation's language; times are ISO 8601 in UTC."""
    with translation.override(settings.LANGUAGE_CODE), timezone.override(ZoneInfo(settings.TIME_ZONE)):
        sentence = sentences.sentence(alert, now)
        _act, path = sentences.act(alert)
    lasted = int((alert.until - alert.since).total_seconds()) if alert.until else None
    return _json(
        {
            "event": event.value,
            "alert": alert.pk,
            "kind": alert.kind,
            "level": alert.level,
            "subject": alert.subject,
            "values": alert.values,
            "sentence": sentence,
            "since": alert.since.isoformat(),
            "until": alert.until.isoformat() if alert.until else None,
            "lasted_seconds": lasted,
            "url": f"{settings.PUBLIC_URL}{path}",
        }
    )


def test_body(now: datetime) -> bytes:
    """What *Send a test* posts."""
    return _json(
        {"event": "test", "sentence": "A test.", "since": now.isoformat(), "url": settings.PUBLIC_URL}
    )


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def webhook_headers(body: bytes, secret: str, key: str, now: datetime) -> dict[str, str]:
    """`key` is the same whenever the same event is posted again. The signature, where there is a secret, is the

    hex HMAC-SHA256 of the timestamp (seconds), a dot and the body, after `sha256=`.
    """
    stamp = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", TIMESTAMP: stamp, DELIVERY: key}
    if secret:
        signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        headers[SIGNATURE] = f"sha256={signed.hexdigest()}"
    return headers
