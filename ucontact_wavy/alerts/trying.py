"""*Send a test*: what is typed, tried at once, and the answer said plainly."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from ucontact_wavy.alerts import channels, rules
from ucontact_wavy.alerts.messages import reader_of
from ucontact_wavy.models import AlertRules, Channel


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one test, in a sentence."""

    ok: bool
    sentence: str


def send_test(channel: Channel, typed: Any, now: datetime) -> list[Report]:
    """Tries the channel with what a form of the alert rules holds; a report for each recipient."""
    if not typed.is_valid():
        return [Report(False, " ".join(str(one) for errors in typed.errors.values() for one in errors))]
    kept: AlertRules = typed.instance
    if channel is Channel.WEBHOOK:
        return [_webhook(kept, now)]
    addresses = rules.addresses(kept)
    return [_mail(address) for address in addresses] or [Report(False, _("Enter an e-mail address first."))]


def _webhook(kept: AlertRules, now: datetime) -> Report:
    try:
        channels.post_test(kept, now)
    except channels.NotToldError as error:
        return Report(False, channels.why(error.kept))
    return Report(True, _("The webhook took it."))


def _mail(address: str) -> Report:
    with reader_of(address):
        subject, text = (
            _("A test"),
            _("Alerts of %(url)s are told to this address.") % {"url": settings.PUBLIC_URL},
        )
    try:
        channels.send_mail(EmailMessage(f"[uContact-Wavy] {subject}", text, to=[address]))
    except channels.NotToldError as error:
        return Report(False, f"{address}: {channels.why(error.kept)}")
    return Report(
        True, _("%(address)s: the mail server took it. Look whether it arrives.") % {"address": address}
    )
