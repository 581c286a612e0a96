"""The life of an alert: time goes by in steps of the beat, and what is told is read in the mailbox."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.core import mail

from ucontact_wavy.alerts import outbox
from ucontact_wavy.alerts.sweep import sweep
from ucontact_wavy.models import Alert, AlertKind

BEAT = timedelta(minutes=1)


def watch(since: datetime, length: timedelta = timedelta(0)) -> datetime:
    """Sweeps from `since` on, every minute for so long, telling what is to be told; returns the last moment."""
    now = since
    while True:
        sweep(now)
        outbox.tell_waiting(at(now))
        if now >= since + length:
            return now
        now += BEAT


def _same(now: datetime) -> datetime:
    return now


def at(now: datetime) -> Callable[[], datetime]:
    """A clock that stands still."""
    return partial(_same, now)


def open_now(kind: AlertKind) -> list[Alert]:
    return list(Alert.objects.filter(kind=kind, until=None).exclude(opened_at=None))


def subjects() -> list[str]:
    """The subjects of the mails so far, without the product's name."""
    return [one.subject.removeprefix("[uContact-Wavy] ") for one in mail.outbox]
