"""Configuring a provider: saving it, its callback URLs, the connection test."""

import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from providers import http
from providers.accounts import account_of
from providers.drivers import driver_for
from providers.drivers.base import Probe
from providers.models import CallbackToken, Provider, RefusedCallbacks

CALLBACK_PATH = "/Integra/resources/Wavy/"


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """The two whole URLs to give to Wavy, each with a secret in it."""

    message: str
    status: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Callbacks turned away: those that named this provider's number, and those that named none of ours."""

    own: int
    unknown: int


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """What the connection test found, in a sentence."""

    ok: bool
    sentence: str


def digest(token: str) -> str:
    """How a callback token is found: its SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def save_provider(provider: Provider) -> Provider:
    """Saves a provider that was validated; unmarks the previous default; gives a new one its callback token.

    Changed credentials end a suspension: they are tried again.
    """
    with transaction.atomic():
        if provider.default:
            Provider.objects.filter(default=True).exclude(pk=provider.pk).update(default=False)
        before = Provider.objects.select_for_update().filter(pk=provider.pk).first()
        if before:
            _take_over(provider, before)
        provider.save()
        if not provider.callback_tokens.exists():
            add_token(provider)
    return provider


def _take_over(provider: Provider, before: Provider) -> None:
    """What the wire noted meanwhile stays, whatever was read when the form was opened."""
    provider.last_callback_at = before.last_callback_at
    provider.suspended_at, provider.suspended_reason = before.suspended_at, before.suspended_reason
    if _credentials(before) != _credentials(provider):
        provider.suspended_at, provider.suspended_reason = None, ""


def _credentials(provider: Provider) -> tuple[str, str]:
    return provider.username, provider.password


def add_token(provider: Provider, token: str = "") -> CallbackToken:
    """A further valid callback token; the older ones stay valid until they are removed."""
    token = token or secrets.token_urlsafe(32)
    return CallbackToken.objects.create(provider=provider, token=token, sha256=digest(token))


def callback_urls(provider: Provider) -> CallbackUrls:
    """The URLs with the newest token. Show them only to those who may configure the provider."""
    newest = provider.callback_tokens.order_by("-id").first() or add_token(provider)
    base = settings.PUBLIC_URL + CALLBACK_PATH
    token = quote(newest.token)
    return CallbackUrls(f"{base}message?token={token}", f"{base}status?token={token}")


def refused_callbacks(provider: Provider) -> Refused:
    """How many callbacks were turned away."""
    counts = dict(
        RefusedCallbacks.objects.filter(number__in=[provider.number, ""]).values_list("number", "n")
    )
    return Refused(counts.get(provider.number, 0), counts.get("", 0))


def test_connection(provider: Provider) -> ConnectionReport:
    """Asks the provider, with the credentials as they are (saved or not), without sending anything to anybody."""
    driver = driver_for(provider.api_type)
    account = account_of(provider)
    probe = driver.read_probe(http.send(driver.build_probe(account)))
    sentences = {
        Probe.OK: _("Connected: Wavy accepts this username and password."),
        Probe.CREDENTIALS: _("Wavy answers, but turns away this username or password. Check both with Wavy."),
        Probe.UNREACHABLE: _("Wavy cannot be reached at %(host)s. Check the network and WAVY_API_URL."),
        Probe.TROUBLE: _("Wavy answers, but reports trouble of its own. Try again in a few minutes."),
    }
    stored = Provider.objects.filter(pk=provider.pk).exclude(suspended_at=None).first()
    if probe is Probe.OK and stored and _credentials(stored) == _credentials(provider):
        Provider.objects.filter(pk=stored.pk).update(suspended_at=None, suspended_reason="")
    return ConnectionReport(probe is Probe.OK, sentences[probe] % {"host": account.base_url})
