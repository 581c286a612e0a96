"""Configuring a provider: its secrets at rest, its callback URLs, the default, the connection test."""

import json
import logging
from io import StringIO
from typing import Any

import pytest
import requests
import responses
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from pytest_django import Settings

from providers.accounts import account_of
from providers.config import add_token, callback_urls, save_provider
from providers.config import test_connection as try_connection
from providers.drivers import driver_for
from providers.models import CallbackToken, Provider
from providers.sending import RetryPolicy, send_chunk
from providers.suspension import suspend
from tests.factories import NOW
from tests.providers.scenes import SEND_URL, TOKEN, answer, answers_with, clock, later, queued

PASSWORD = "a-password-of-wavy"
FIRST = "dGVzdHMgdXNlIG9uZSBmaXhlZCBrZXk6IDMyIGJ5dGU="


def raw(model: type[models.Model], column: str) -> str:
    """The column as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {model._meta.db_table}")  # noqa: S608 - names of ours
        return str(cursor.fetchone()[0])


def new(**fields: Any) -> Provider:
    defaults = {"name": "Wavy", "number": "+55 11 90000-0001", "username": "integra", "password": PASSWORD}
    provider = Provider(**defaults | fields)
    provider.full_clean()
    return save_provider(provider)


# Secrets


@pytest.mark.parametrize(
    ("model", "column", "secret"),
    [(Provider, "password", PASSWORD), (CallbackToken, "token", TOKEN)],
    ids=["password", "callback token"],
)
def test_a_secret_is_encrypted_at_rest_and_readable_to_the_program(
    provider: Provider, model: type[models.Model], column: str, secret: str
) -> None:
    stored = raw(model, column)
    assert stored.startswith("gAAAA")
    assert secret not in stored
    assert getattr(model._default_manager.get(), column) == secret


@pytest.mark.usefixtures("provider")
def test_rotated_keys_read_the_old_values_and_write_with_the_newest(settings: Settings) -> None:
    second = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [second, FIRST]
    provider = Provider.objects.get()
    assert provider.password == PASSWORD
    provider.save()
    settings.FIELD_KEYS = [second]
    assert Provider.objects.get().password == PASSWORD


@pytest.mark.usefixtures("provider")
def test_a_missing_key_is_an_error_that_says_so_without_the_secret(settings: Settings) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS lacks the key") as error:
        Provider.objects.get()
    assert "gAAAA" not in str(error.value)


def test_an_export_holds_no_secret_and_can_be_read_back(provider: Provider, tmp_path: Any) -> None:
    out = StringIO()
    call_command("dumpdata", "providers.provider", "providers.callbacktoken", stdout=out)
    assert PASSWORD not in out.getvalue()
    assert TOKEN not in out.getvalue()
    Provider.objects.all().delete()
    fixture = tmp_path / "providers.json"
    fixture.write_text(out.getvalue())
    call_command("loaddata", str(fixture), verbosity=0)
    assert Provider.objects.get().password == PASSWORD
    assert CallbackToken.objects.get().token == TOKEN


def test_no_repr_shows_a_secret(provider: Provider) -> None:
    account = account_of(provider)
    request = driver_for(provider.api_type).build_probe(account)
    token = CallbackToken.objects.get()
    for thing in (provider, token, account, request, [token], {"of": account}):
        assert PASSWORD not in repr(thing) + str(thing)
        assert TOKEN not in repr(thing) + str(thing)


@pytest.mark.parametrize(
    "reply",
    [
        answer(401, {"errorMessage": f"Wrong token {PASSWORD}"}),
        answer(400, {"errorMessage": f"Header AuthenticationToken: {PASSWORD}"}),
        requests.ConnectionError(f"http://wavy.invalid/?AuthenticationToken={PASSWORD}"),
    ],
    ids=["401", "400", "a lost connection"],
)
def test_sending_leaves_no_password_in_logs_or_in_the_ledger(
    provider: Provider, wavy: responses.RequestsMock, caplog: pytest.LogCaptureFixture, reply: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    if isinstance(reply, Exception):
        wavy.add(responses.POST, SEND_URL, body=reply)
    else:
        answers_with(wavy, lambda request: reply)
    (message,) = queued(provider)
    send_chunk(provider, [message], clock(), policy=RetryPolicy())
    message.refresh_from_db()
    assert wavy.calls[0].request.headers["AuthenticationToken"] in (PASSWORD, PASSWORD.encode())
    assert caplog.records
    assert PASSWORD not in caplog.text
    assert PASSWORD not in message.error_detail


@pytest.mark.usefixtures("clean_redis")
@pytest.mark.parametrize("token", [TOKEN, "a-wrong-token"], ids=["right", "wrong"])
def test_callbacks_leave_no_token_in_logs(
    client: Client, provider: Provider, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(f"/Integra/resources/Wavy/status?token={token}", b"no json", content_type="application/json")
    client.put(f"/Integra/resources/Wavy/status?token={token}")
    assert caplog.records
    assert token not in caplog.text


# Saving


@pytest.mark.django_db
def test_a_new_provider_has_its_number_in_digits_and_a_token_of_its_own() -> None:
    first, second = new(), new(name="Other", number="5511900000002")
    assert first.number == "5511900000001"
    tokens = {provider.callback_tokens.get().token for provider in (first, second)}
    assert len(tokens) == 2
    assert min(map(len, tokens)) >= 40


@pytest.mark.django_db
def test_saving_again_keeps_the_token() -> None:
    provider = new()
    before = callback_urls(provider)
    save_provider(provider)
    assert callback_urls(provider) == before


@pytest.mark.django_db
def test_the_urls_carry_the_newest_token_safely(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://calls.example"
    provider = new()
    add_token(provider, "a b&c=d/é")
    urls = callback_urls(provider)
    expected = "https://calls.example/Integra/resources/Wavy/{}?token=a%20b%26c%3Dd/%C3%A9"
    assert (urls.message, urls.status) == (expected.format("message"), expected.format("status"))


@pytest.mark.django_db
def test_marking_a_default_unmarks_the_previous_one() -> None:
    first = new(default=True)
    second = new(name="Other", number="5511900000002", default=True)
    first.refresh_from_db()
    assert (first.default, second.default) == (False, True)


@pytest.mark.parametrize(
    ("field", "value", "still"),
    [("password", "a-better-one", False), ("username", "other", False), ("name", "Renamed", True)],
    ids=["another password", "another username", "another name"],
)
def test_changed_credentials_end_a_suspension_and_nothing_else_does(
    provider: Provider, field: str, value: str, still: bool
) -> None:
    suspend(provider, "credentials", NOW)
    fresh = Provider.objects.get(pk=provider.pk)
    setattr(fresh, field, value)
    save_provider(fresh)
    fresh.refresh_from_db()
    assert bool(fresh.suspended_at) is still
    assert bool(fresh.suspended_reason) is still


def test_a_form_that_was_open_meanwhile_does_not_undo_what_the_wire_noted(provider: Provider) -> None:
    opened = Provider.objects.get(pk=provider.pk)
    suspend(provider, "credentials", NOW)
    Provider.objects.filter(pk=provider.pk).update(last_callback_at=later(minutes=1))
    opened.name = "Renamed"
    save_provider(opened)
    fresh = Provider.objects.get(pk=provider.pk)
    assert (fresh.name, fresh.suspended_at, fresh.last_callback_at) == ("Renamed", NOW, later(minutes=1))


def test_an_earlier_suspension_keeps_its_time(provider: Provider) -> None:
    suspend(provider, "credentials", NOW)
    suspend(provider, "credentials", later(hours=1))
    provider.refresh_from_db()
    assert provider.suspended_at == NOW


# The connection test


@pytest.mark.parametrize(
    ("reply", "ok", "says"),
    [
        (answer(400, {"errorMessage": "destinations"}), True, "accepts this username and password"),
        (answer(401, {}), False, "username or password"),
        (answer(403, {}), False, "username or password"),
        (answer(500, {}), False, "trouble of its own"),
        (answer(429, {}), False, "trouble of its own"),
        (None, False, "cannot be reached at http://wavy.invalid"),
    ],
    ids=["a 400 to nobody", "401", "403", "500", "rate limit", "unreachable"],
)
def test_the_connection_test_says_what_it_found(
    provider: Provider, wavy: responses.RequestsMock, reply: Any, ok: bool, says: str
) -> None:
    if reply is None:
        wavy.add(responses.POST, SEND_URL, body=requests.ConnectTimeout())
    else:
        answers_with(wavy, lambda request: reply)
    report = try_connection(provider)
    assert report.ok is ok
    assert says in report.sentence
    assert json.loads(wavy.calls[0].request.body or b"")["destinations"] == []


@pytest.mark.parametrize(
    ("tested", "still"),
    [(PASSWORD, False), ("another, not saved", True)],
    ids=["the saved password", "a password that is not saved"],
)
def test_only_what_is_saved_and_works_ends_a_suspension(
    provider: Provider, wavy: responses.RequestsMock, tested: str, still: bool
) -> None:
    suspend(provider, "credentials", NOW)
    wavy.add(responses.POST, SEND_URL, json={}, status=400)
    on_the_page = Provider.objects.get(pk=provider.pk)
    on_the_page.password = tested
    assert try_connection(on_the_page).ok
    provider.refresh_from_db()
    assert bool(provider.suspended_at) is still
