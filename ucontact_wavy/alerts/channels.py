"""The two ways out: mail through Django, the webhook through the guarded post. Each tries once."""

import smtplib
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from providers.http_addresses import Reach
from providers.http_post import NotPostedError, post
from ucontact_wavy.alerts import messages
from ucontact_wavy.models import Alert, AlertDelivery, AlertRules, Channel, Event

WEBHOOK_SECONDS = 10.0
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
FOR_GOOD = ("no_webhook", "url", "address")  # what another attempt would not mend


class NotToldError(Exception):
    """`key` says why, `detail` in the other side's words or figures."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key, detail)
        self.key, self.detail = key, detail

    @property
    def kept(self) -> str:
        """What is stored of it; `why` reads it."""
        return f"{self.key} {self.detail}".strip()[:300]


def mail_configured() -> bool:
    """Whether mail goes anywhere (EMAIL_URL)."""
    return bool(settings.EMAIL_BACKEND != NO_MAIL)


def tell(delivery: AlertDelivery, rules: AlertRules, now: datetime) -> None:
    """Tells one event to one recipient, over the network. Raises NotToldError. Not inside a transaction."""
    alert, event = delivery.alert, Event(delivery.event)
    if delivery.channel == Channel.EMAIL:
        send_mail(messages.mail(alert, event, delivery.address, now))
    else:
        _post(messages.webhook_body(alert, event, now), rules, key_of(alert, event), now)


def key_of(alert: Alert, event: Event) -> str:
    """What the receiver knows the same event by when it comes twice."""
    return f"{alert.pk}-{event.value}"


def send_mail(mail: EmailMessage) -> None:
    """One mail. Raises NotToldError."""
    if not mail_configured():
        raise NotToldError("no_mail")
    try:
        mail.send()
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error
        words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise NotToldError("mail_refused", f"{error.smtp_code} {words}") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotToldError("mail_recipient", ", ".join(error.recipients)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotToldError("mail_unreachable", type(error).__name__) from error


def post_test(rules: AlertRules, now: datetime) -> None:
    """A test to the webhook. Raises NotToldError."""
    _post(messages.test_body(now), rules, "test", now)


def _post(body: bytes, rules: AlertRules, key: str, now: datetime) -> None:
    if not rules.webhook_url:
        raise NotToldError("no_webhook")
    headers = messages.webhook_headers(body, rules.webhook_secret, key, now)
    reach = Reach(frozenset(host.strip().lower() for host in settings.ALERT_PRIVATE_HOSTS))
    try:
        post(rules.webhook_url, body, headers, reach, WEBHOOK_SECONDS)
    except NotPostedError as error:
        raise NotToldError(error.key, error.detail) from error


def why(kept: str) -> str:
    """Why something was not told, in plain words of the reader's language; "" of nothing."""
    key, _blank, detail = kept.partition(" ")
    words = {
        "no_mail": _("No mail server is configured: set EMAIL_URL."),
        "mail_refused": _("The mail server turned it away: %(detail)s."),
        "mail_recipient": _("The mail server does not take mail for %(detail)s."),
        "mail_unreachable": _("The mail server could not be reached (%(detail)s)."),
        "no_webhook": _("No webhook is set."),
        "url": _("The webhook is no address that starts with http:// or https://."),
        "address": _(
            "The webhook leads to %(detail)s, which is out of bounds: inside the own network only what "
            "ALERT_PRIVATE_HOSTS names is posted to."
        ),
        "timeout": _("The webhook did not answer in time."),
        "unreachable": _("The webhook could not be reached (%(detail)s)."),
        "status": _("The webhook answered %(detail)s instead of 2xx."),
    }
    return words.get(key, "") % {"detail": detail}
