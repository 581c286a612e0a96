"""The door: wrong passwords wait, cookies and headers are hard, and Django's own deployment check is clean."""

import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from accounts.models import User
from providers.wake import redis
from tests.factories import make_agent, make_supervisor
from tests.pages import signed_in, words
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.door import forget_ended_sessions, forget_old_failures

pytestmark = pytest.mark.django_db
WRONG = "not the password"
HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def two_tries(settings: Any) -> None:
    settings.AXES_FAILURE_LIMIT = 2
    settings.AXES_ADDRESS_FAILURE_LIMIT = 5


def attempt(username: str, password: str = WRONG, address: str = HERE, **headers: str) -> Any:
    data = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post("/login/", data, **headers)  # type: ignore[arg-type]


def lock(username: str = "maria", **more: str) -> Any:
    attempt(username, **more)
    return attempt(username, **more)


def test_who_is_wrong_too_often_waits_and_reads_how_long() -> None:
    make_supervisor("maria")
    lock()
    page = attempt("maria", "password")
    assert page.status_code == 429
    assert "Try again in 15 minutes." in words(page)
    assert 800 < int(page["Retry-After"]) <= 900


def test_the_wait_ends_by_itself() -> None:
    make_supervisor("maria")
    lock()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert attempt("maria", "password").status_code == 302


def test_a_command_ends_the_wait() -> None:
    make_supervisor("maria")
    lock()
    call_command("axes_reset_username", "maria")
    assert attempt("maria", "password").status_code == 302


def test_the_others_behind_the_same_address_are_let_in() -> None:
    make_supervisor("maria")
    make_agent("joao")
    lock("maria")
    assert attempt("joao", "password").status_code == 302


def test_the_same_person_is_let_in_from_elsewhere() -> None:
    make_supervisor("maria")
    lock("maria")
    assert attempt("maria", "password", address="192.0.2.2").status_code == 302


def test_an_address_that_tries_many_names_waits_as_a_whole() -> None:
    make_supervisor("maria")
    for n in range(5):
        attempt(f"guess{n}")
    assert attempt("maria", "password").status_code == 429
    assert attempt("maria", "password", address="192.0.2.2").status_code == 302


def test_an_address_that_a_stranger_claims_is_not_believed() -> None:
    make_supervisor("maria")
    for n in range(2):
        attempt("maria", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
    assert attempt("maria", "password", HTTP_X_FORWARDED_FOR="198.51.100.9").status_code == 429


def test_an_address_that_a_proxy_of_ours_passes_on_is(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.1"]
    make_supervisor("maria")
    lock(HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert attempt("maria", "password", HTTP_X_FORWARDED_FOR="198.51.100.1").status_code == 429
    assert attempt("maria", "password", HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 302


def test_it_waits_also_when_redis_was_emptied() -> None:
    make_supervisor("maria")
    lock()
    redis.flushdb()
    assert attempt("maria", "password").status_code == 429


def test_the_api_goes_on_for_who_is_locked_out() -> None:
    maria = make_supervisor("maria")
    lock()
    token = Token.objects.create(user=maria)
    answer = Client(REMOTE_ADDR="192.0.2.1").get("/api/v1/dialers/", HTTP_AUTHORIZATION=f"Token {token.key}")
    assert answer.status_code == 200


def test_a_signed_in_person_stays_in_while_the_name_is_locked() -> None:
    client = signed_in(make_supervisor("maria"))
    lock()
    assert client.get("/board/").status_code == 200


def test_old_failures_are_forgotten() -> None:
    attempt("maria")
    assert forget_old_failures(timezone.now()) == 0
    assert forget_old_failures(timezone.now() + timedelta(days=2)) == 1


def test_ended_sessions_are_forgotten() -> None:
    client = signed_in(make_supervisor("maria"))
    assert forget_ended_sessions(timezone.now()) == 0
    assert forget_ended_sessions(timezone.now() + timedelta(hours=13)) == 1
    assert client.get("/board/").status_code == 302


def test_no_password_that_was_typed_is_kept() -> None:
    attempt("maria", "hunter2-typed")
    kept = AccessAttempt.objects.values().get()
    assert "hunter2-typed" not in str(kept)


def test_signing_in_changes_the_session() -> None:
    make_agent("joao")
    client = Client()
    client.get("/login/")
    session = client.session
    session["note"] = "from before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before or ""
    client.post("/login/", {"username": "joao", "password": "password"})
    assert client.session.session_key != before


def test_the_session_cookie_is_for_the_browser_alone_and_lasts_a_shift() -> None:
    make_agent("joao")
    client = Client()
    client.post("/login/", {"username": "joao", "password": "password"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 12 * 3600)


def policy(path: str, client: Client) -> dict[str, str]:
    header = client.get(path)["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("path", ["/", "/login/", "/board/", "/desk/"])
def test_outside_the_admin_nothing_inline_runs(path: str) -> None:
    said = policy(path, signed_in(make_supervisor()))
    assert (said["default-src"], said["script-src"], said["style-src"]) == ("'none'", "'self'", "'self'")


@pytest.mark.parametrize("path", ["/login/", "/board/", "/admin/", "/api/docs/", "/no-such-page/"])
def test_no_page_is_framed_rebased_or_sends_its_forms_elsewhere(path: str) -> None:
    said = policy(path, signed_in(make_supervisor()))
    wanted = {
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "object-src": "'none'",
    }
    assert wanted.items() <= said.items()


def test_the_admin_alone_may_evaluate() -> None:
    client = signed_in(make_supervisor())
    assert policy("/admin/", client)["script-src"] == "'self' 'unsafe-eval'"
    assert policy("/api/docs/", client)["script-src"] == "'self'"


def test_pages_use_no_camera_and_tell_nobody_where_one_came_from() -> None:
    page = Client().get("/login/")
    assert "camera=()" in page["Permissions-Policy"]
    assert page["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        pytest.param("short1!", "at least 10 characters", id="short"),
        pytest.param("1234567890", "too common", id="common"),
        pytest.param("8261940375", "entirely numeric", id="digits"),
        pytest.param("joao.pereira", "too similar to the username", id="the name"),
    ],
)
def test_a_poor_password_is_refused_with_the_reason(password: str, why: str) -> None:
    root = User.objects.create_superuser("root", password="a long enough one")
    data = {"username": "joao.pereira", "password1": password, "password2": password}
    page = signed_in(root).post("/admin/accounts/user/add/", data)
    assert why in words(page)
    assert not User.objects.filter(username="joao.pereira").exists()


def manage(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    production = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
        "PUBLIC_URL": "https://wavy.example",
        "ALLOWED_HOSTS": "wavy.example",
        "SECRET_KEY": "a-secret-of-production-that-is-long-and-varied-0123456789-ABCDEF",
        **environ,
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=production,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_deployment_check_has_nothing_to_say_of_production() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout + done.stderr) == (
        0,
        "System check identified no issues (1 silenced).\n",
    )


SAYS = """
from django.conf import settings as s
print(s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)
"""


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        pytest.param({}, "True 31536000 True True", id="https"),
        pytest.param({"PUBLIC_URL": "http://10.0.0.5:8000"}, "False 0 False False", id="http"),
        pytest.param({"SSL_REDIRECT": "false", "HSTS_SECONDS": "0"}, "False 0 True True", id="turned off"),
    ],
)
def test_https_is_required_where_the_public_address_has_it(environ: dict[str, str], said: str) -> None:
    assert manage("shell", "--no-imports", "-c", SAYS, **environ).stdout.strip() == said


def test_a_page_without_https_is_sent_there_and_a_callback_is_taken(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get("/login/")["Location"] == "https://testserver/login/"
    assert client.get("/healthz").status_code == 200
    assert (
        client.post("/Integra/resources/Wavy/status", "{}", content_type="application/json").status_code
        == 403
    )
