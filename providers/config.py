"""Configuring a provider: saving it, its callback URLs, the connection test."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import record
from providers import http, suspension
from providers.accounts import account_of
from providers.drivers import driver_for
from providers.drivers.base import Probe
from providers.errors import Refusal
from providers.models import CallbackToken, Provider, RefusedCallbacks

CALLBACK_PATH = "/Integra/resources/Wavy/"
MOST_TOKENS = 5
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallbackUrls:
    """The two whole URLs to give to Wavy, each with a secret in it."""

    message: str
    status: str


@dataclass(frozen=True, slots=True)
class CallbackAddresses:
    """A valid token's URLs, since when it is valid and when a callback came with it last."""

    token_id: int
    urls: CallbackUrls
    since: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class Refused:
    """Callbacks turned away: those that named this provider's number, and those that named none of ours."""

    own: int
    unknown: int
    last_at: datetime | None = None


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
            for other in Provider.objects.filter(default=True).exclude(pk=provider.pk):
                other.default = False
                other.save(update_fields=["default"])
        before = Provider.objects.select_for_update().filter(pk=provider.pk).first()
        if before:
            _take_over(provider, before)
        provider.save()
        if before and before.suspended_at and not provider.suspended_at:
            record(provider, Act.IN_SERVICE)
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
    return _urls(provider.callback_tokens.order_by("-id").first() or add_token(provider))


def callback_addresses(provider: Provider) -> list[CallbackAddresses]:
    """All that are valid, the newest first. Show them only to those who may configure the provider."""
    tokens = provider.callback_tokens.order_by("-id")
    return [CallbackAddresses(one.pk, _urls(one), one.created_at, one.last_used_at) for one in tokens]


def add_addresses(provider: Provider) -> None:
    """A further pair of addresses beside those in use. Raises Refusal `too_many_tokens`."""
    with transaction.atomic():
        Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        before = provider.callback_tokens.count()
        if before >= MOST_TOKENS:
            sentence = _("%(n)d pairs of addresses are valid already. Retire one that Wavy calls no more.")
            raise Refusal("too_many_tokens", sentence % {"n": MOST_TOKENS})
        token = add_token(provider)
        record(provider, Act.ADDRESSES_MADE, {"callback_tokens": (before, before + 1)})
    log.info("callback_token_added", provider=provider.pk, token_id=token.pk)


def retire_addresses(provider: Provider, token_id: int) -> None:
    """From now on callbacks to these addresses are turned away. Raises Refusal `last_token`.

    Retiring what is retired already is harmless.
    """
    with transaction.atomic():
        Provider.objects.select_for_update(no_key=True).get(pk=provider.pk)
        if not provider.callback_tokens.exclude(pk=token_id).exists():
            raise Refusal(
                "last_token", _("These are the only addresses that Wavy can call. Make new ones first.")
            )
        before = provider.callback_tokens.count()
        if provider.callback_tokens.filter(pk=token_id).delete()[0]:
            record(provider, Act.ADDRESSES_RETIRED, {"callback_tokens": (before, before - 1)})
    log.info("callback_token_retired", provider=provider.pk, token_id=token_id)


def _urls(newest: CallbackToken) -> CallbackUrls:
    base = settings.PUBLIC_URL + CALLBACK_PATH
    token = quote(newest.token)
    return CallbackUrls(f"{base}message?token={token}", f"{base}status?token={token}")


def refused_callbacks(provider: Provider) -> Refused:
    """How many callbacks were turned away."""
    rows = {row.number: row for row in RefusedCallbacks.objects.filter(number__in=[provider.number, ""])}
    n = {number: row.n for number, row in rows.items()}
    last_at = max((row.last_at for row in rows.values()), default=None)
    return Refused(n.get(provider.number, 0), n.get("", 0), last_at)


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
        suspension.end(stored)
    return ConnectionReport(probe is Probe.OK, sentences[probe] % {"host": account.base_url})
