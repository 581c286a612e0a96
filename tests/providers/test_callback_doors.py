"""Callbacks in the open mode, and while the database is away."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from providers.config import add_token
from providers.models import Callback, Provider
from tests.factories import make_provider
from tests.providers.posting import LIMIT, MESSAGE, STATUS, basic, post
from tests.providers.scenes import TOKEN

pytestmark = pytest.mark.usefixtures("clean_redis")

# Open mode


@pytest.mark.parametrize(
    ("addresses", "status"),
    [([], 200), (["127.0.0.1"], 200), (["10.0.0.1", "127.0.0.0/8"], 200), (["10.0.0.1"], 403)],
    ids=["any address", "a listed address", "a listed network", "another address"],
)
def test_open_mode_takes_the_bare_paths_from_the_listed_addresses(
    client: Client, provider: Provider, settings: Settings, addresses: list[str], status: int
) -> None:
    settings.WAVY_OPEN_CALLBACKS, settings.WAVY_CALLBACK_ADDRESSES = True, addresses
    assert post(client, STATUS, b"{}", token=None).status_code == status
    assert Callback.objects.count() == (status == 200)


@pytest.mark.parametrize(
    ("peer", "forwarded", "status"),
    [
        ("192.0.2.7", "", 200),
        ("::ffff:192.0.2.7", "", 200),
        ("10.0.0.1", "192.0.2.7", 200),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7, 10.0.0.2", 200),
        ("10.0.0.1", "192.0.2.7, 203.0.113.9", 403),
        ("10.0.0.1", "", 403),
        ("10.0.0.1", "nonsense", 403),
        ("203.0.113.9", "192.0.2.7", 403),
        ("", "192.0.2.7", 403),
    ],
    ids=[
        "Wavy itself",
        "written as IPv6",
        "behind our proxy",
        "behind two of ours",
        "somebody who says so to our proxy",
        "the proxy itself",
        "no address",
        "a proxy of others",
        "a socket",
    ],
)
def test_open_mode_believes_our_own_proxies_alone(
    client: Client, provider: Provider, settings: Settings, peer: str, forwarded: str, status: int
) -> None:
    settings.WAVY_OPEN_CALLBACKS, settings.WAVY_CALLBACK_ADDRESSES = True, ["192.0.2.0/24"]
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    headers = {"REMOTE_ADDR": peer} | ({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {})
    assert post(client, STATUS, b"{}", token=None, **headers).status_code == status


def test_open_mode_still_turns_a_wrong_token_away(
    client: Client, provider: Provider, settings: Settings
) -> None:
    settings.WAVY_OPEN_CALLBACKS = True
    assert post(client, STATUS, b"{}", "wrong").status_code == 403


# The database away


@contextmanager
def no_database() -> Iterator[None]:
    """The server's socket is not where it was, as after a crash."""
    where = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        yield
    finally:
        connection.settings_dict["HOST"] = where
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_wavy_is_asked_to_try_again(client: Client) -> None:
    add_token(make_provider(), TOKEN)
    with no_database():
        for path in (STATUS, MESSAGE):
            assert post(client, path, b"{}").status_code == 503
            assert post(client, path, b"{}", "wrong").status_code == 503
    assert post(client, STATUS, b"{}").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_database_cut_is_replaced_before_the_answer(client: Client) -> None:
    add_token(make_provider(), TOKEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ours,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ours])
    other.close()
    assert post(client, STATUS, b"{}").status_code == 200
    assert Callback.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["in the address", "as the password"])
def test_no_answer_and_no_log_repeats_a_token(
    client: Client, how: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("DEBUG")
    add_token(make_provider(), TOKEN)
    said = ""
    for secret in (TOKEN, "a-wrong-token"):
        token, headers = (secret, {}) if how == "in the address" else (None, basic(secret))
        for body in (b"{}", b"nonsense", b"x" * (LIMIT + 1)):
            said += post(client, STATUS, body, token, **headers).content.decode()
        with no_database():
            said += post(client, STATUS, b"{}", token, **headers).content.decode()
    said += caplog.text + "".join(capsys.readouterr())
    assert "The database is away" in said
    for secret in (TOKEN, "a-wrong-token", basic(TOKEN)["HTTP_AUTHORIZATION"]):
        assert secret not in said


@pytest.mark.django_db(transaction=True)
def test_a_database_that_may_only_be_read_is_a_503_too(client: Client) -> None:
    add_token(make_provider(), TOKEN)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    try:
        assert post(client, STATUS, b"{}").status_code == 503
    finally:
        connection.close()
