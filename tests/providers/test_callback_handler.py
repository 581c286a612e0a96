"""How callbacks are served: past what is there for people's pages, and past Redis where nobody needs waking."""

from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse

from providers.callbacks import views
from providers.config import CALLBACK_PATH, add_token
from providers.locks import SIGN, Lock
from providers.models import Callback
from tests.factories import make_provider
from ucontact_wavy.callback_handler import PREFIX
from ucontact_wavy.wsgi import application

TOKEN = "a-token-of-the-handler"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_redis")]


def call(path: str, body: bytes = b"", **environ: Any) -> tuple[str, dict[str, str], bytes]:
    """Status line, headers and body of what the application answers."""
    told: list[Any] = []
    base = RequestFactory().generic("POST" if body else "GET", path, body).environ
    answer = application(base | {"wsgi.input": BytesIO(body), **environ}, lambda *said: told.extend(said))
    return told[0], dict(told[1]), b"".join(answer)


def test_the_paths_that_are_served_this_way_are_those_that_wavy_is_given() -> None:
    assert PREFIX == CALLBACK_PATH


def test_a_callback_is_stored_and_answered_without_cookies_and_languages() -> None:
    add_token(make_provider(), TOKEN)
    status, headers, body = call(f"{CALLBACK_PATH}status?token={TOKEN}", b'{"id":"1"}')
    assert (status, body) == ("200 OK", b"{}")
    assert headers == {"Content-Type": "application/json"}
    assert bytes(Callback.objects.get().body) == b'{"id":"1"}'


def test_a_callback_is_taken_under_whatever_name_the_machine_is_called_by() -> None:
    add_token(make_provider(), TOKEN)
    address = f"{CALLBACK_PATH}message?token={TOKEN}"
    assert call(address, b"[]", HTTP_HOST="callbacks.example.com")[0] == "200 OK"


def test_what_is_beside_the_two_paths_is_not_there() -> None:
    assert call(f"{CALLBACK_PATH}other")[0] == "404 Not Found"


def test_pages_keep_all_that_is_around_them() -> None:
    status, headers, _ = call("/login/")
    assert status == "200 OK"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("kind", "woken"), [("status", []), ("message", ["providers.drain_messages"])])
def test_a_drainer_that_is_at_work_is_not_woken(
    monkeypatch: pytest.MonkeyPatch, kind: str, woken: list[str]
) -> None:
    add_token(make_provider(), TOKEN)
    hinted: list[str] = []
    monkeypatch.setattr(views, "hint", hinted.append)
    drainer = connection.copy()
    with drainer.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [int(Lock.DRAIN_STATUSES), SIGN])
        call(f"{CALLBACK_PATH}{kind}?token={TOKEN}", b"{}")
        assert hinted == woken
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [int(Lock.DRAIN_STATUSES), SIGN])
    drainer.close()
    call(f"{CALLBACK_PATH}status?token={TOKEN}", b"{}")
    assert hinted == [*woken, "providers.drain_statuses"]


def test_a_connection_that_is_too_old_is_given_up_with_the_answer() -> None:
    add_token(make_provider(), TOKEN)
    connection.ensure_connection()
    connection.close_at = 0.0
    assert call(f"{CALLBACK_PATH}status?token={TOKEN}", b"{}")[0] == "200 OK"
    assert connection.connection is None


def test_the_thread_knows_the_pages_addresses_afterwards() -> None:
    call(f"{CALLBACK_PATH}status", b"{}")
    assert reverse("login") == "/login/"
