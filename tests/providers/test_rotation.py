"""Every stored secret moves to the newest key; then the older keys may go."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from providers import config, rotation
from providers.models import Provider
from tests.factories import make_provider

NEW = Fernet.generate_key().decode()


def run() -> str:
    out = io.StringIO()
    call_command("rotate_field_keys", stdout=out)
    return out.getvalue()


def stored(column: str = "password", table: str = "providers_provider") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")  # noqa: S608 - the test's own names
        return [token for (token,) in cursor.fetchall()]


@pytest.mark.django_db
def test_every_secret_can_be_read_without_the_older_keys_afterwards(settings: Any) -> None:
    provider = make_provider(password="open sesame")
    token = config.add_token(provider, "callback-secret")
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [NEW, *old]
    run()
    settings.FIELD_KEYS = [NEW]
    assert Provider.objects.get(pk=provider.pk).password == "open sesame"
    token.refresh_from_db()
    assert token.token == "callback-secret"


@pytest.mark.django_db
def test_it_says_how_many_and_does_nothing_the_second_time(settings: Any) -> None:
    config.add_token(make_provider(), "callback-secret")
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    assert "2 encrypted anew, 0 already were" in run()
    before = stored() + stored("token", "providers_callbacktoken")
    assert "0 encrypted anew, 2 already were" in run()
    assert stored() + stored("token", "providers_callbacktoken") == before


@pytest.mark.django_db
def test_it_works_in_batches(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    for n in range(5):
        make_provider(name=f"Wavy {n}", number=f"551190000001{n}", password=f"secret {n}")
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    run()
    settings.FIELD_KEYS = [NEW]
    assert [one.password for one in Provider.objects.order_by("pk")] == [f"secret {n}" for n in range(5)]


@pytest.mark.django_db
def test_a_secret_that_is_changed_meanwhile_keeps_the_change(settings: Any) -> None:
    provider = make_provider(password="before")
    (field,) = [one for one in rotation.encrypted_fields() if one.model is Provider]
    (read,) = stored()
    provider.password = "after"
    provider.save()
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    rotation._rotate_one(field, provider.pk, read, done := rotation.Rotated())
    assert (Provider.objects.get(pk=provider.pk).password, done.changed) == ("after", 0)


@pytest.mark.django_db
def test_it_names_what_no_key_opens_and_leaves_it(settings: Any) -> None:
    provider = make_provider()
    before = stored()
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match=f"providers.Provider.password of id {provider.pk}"):
        run()
    assert stored() == before


def test_every_encrypted_field_is_found() -> None:
    found = {f"{one.model._meta.label}.{one.name}" for one in rotation.encrypted_fields()}
    assert {"providers.Provider.password", "providers.CallbackToken.token"} <= found
