"""Every error is a problem document, whatever went wrong."""

from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from psycopg import errors as postgres
from rest_framework.test import APIClient

from providers import rest
from providers.models import Provider
from tests.api.conftest import API, Problem
from ucontact_wavy.api.problems import handle


def test_a_problem_says_what_is_wrong_in_a_sentence_and_by_field(
    as_supervisor: APIClient, problem: Problem
) -> None:
    response = as_supervisor.post(f"{API}dialers/", {"name": "Wavy Dialer"})
    document = problem(response, 400, "invalid")
    assert document["title"] == "Bad Request"
    assert document["errors"] == {"provider": ["This field is required."]}
    assert document["detail"] == "provider: This field is required."


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "providers/0/", 404, "not_found"),
        ("get", "providers/99999999999999999999999999/", 404, "not_found"),
        ("get", "providers/%00/", 404, "not_found"),
        ("get", "providers/one/", 404, "not_found"),
        ("get", "providers", 404, "not_found"),
        ("post", "providers", 404, "not_found"),
        ("get", "nothing/", 404, "not_found"),
        ("put", "providers/", 405, "method_not_allowed"),
        ("options", "providers/", 405, "method_not_allowed"),
        ("post", "bases/", 405, "method_not_allowed"),
    ],
)
def test_an_address_or_method_that_is_not_there_is_told(
    method: str, path: str, status: int, code: str, as_supervisor: APIClient, problem: Problem
) -> None:
    problem(getattr(as_supervisor, method)(API + path), status, code)


def test_a_wrong_address_is_told_to_programs_without_a_browsers_cookie(problem: Problem) -> None:
    client = APIClient(enforce_csrf_checks=True)
    problem(client.post(f"{API}nothing/", {}), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        pytest.param("{", "application/json", 400, "parse_error", id="broken JSON"),
        pytest.param("[]", "application/json", 400, "invalid", id="an array"),
        pytest.param('{"number": NaN}', "application/json", 400, "parse_error", id="NaN"),
        pytest.param('{"number": "\\ud800"}', "application/json", 400, "invalid", id="half a surrogate pair"),
        pytest.param('{"number": "5\\u0000"}', "application/json", 400, "invalid", id="a NUL"),
        pytest.param(b"\xff\xfe", "application/json", 400, "parse_error", id="no UTF-8"),
        pytest.param("[" * 100_000, "application/json", 400, "parse_error", id="100,000 brackets"),
        pytest.param(
            '"' + "5" * 10 * 1024 * 1024 + '"', "application/json", 413, "too_large", id="over 10 MiB"
        ),
        pytest.param(
            "number=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type", id="a form"
        ),
        pytest.param("number=1", "text/plain", 415, "unsupported_media_type", id="plain text"),
    ],
)
def test_a_body_that_cannot_be_read_is_told(
    body: str, media_type: str, status: int, code: str, as_supervisor: APIClient, problem: Problem
) -> None:
    problem(as_supervisor.post(f"{API}do-not-call/", body, content_type=media_type), status, code)


def test_a_token_that_is_none_is_told(nobody: APIClient, db: None, problem: Problem) -> None:
    response = nobody.get(f"{API}providers/", HTTP_AUTHORIZATION="Token none")
    problem(response, 401, "authentication_failed")
    assert response["WWW-Authenticate"] == "Token"


def test_a_missing_token_is_told(nobody: APIClient, db: None, problem: Problem) -> None:
    problem(nobody.get(f"{API}providers/"), 401, "not_authenticated")


def test_a_missing_right_is_told(as_agent: APIClient, problem: Problem) -> None:
    problem(as_agent.get(f"{API}providers/"), 403, "permission_denied")


def test_a_problem_is_json_even_where_csv_was_asked_for(as_supervisor: APIClient, problem: Problem) -> None:
    problem(as_supervisor.get(f"{API}bases/1/errors/", HTTP_ACCEPT="text/csv"), 404, "not_found")


def test_who_saves_the_same_a_moment_later_reads_it(
    as_supervisor: APIClient, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check found nothing because the other one was not committed yet."""
    body = {"name": "Wavy", "number": "5511900000001", "username": "u", "password": "p"}
    assert as_supervisor.post(f"{API}providers/", body).status_code == 201
    monkeypatch.setattr(rest.CheckedSerializer, "check", lambda self, checked: None)
    problem(as_supervisor.post(f"{API}providers/", body), 409, "conflict")
    assert Provider.objects.count() == 1


def raised(error: Exception, cause: Exception) -> Any:
    try:
        raise error from cause
    except type(error) as caught:
        return handle(caught, {})


def test_what_was_deleted_meanwhile_is_a_conflict(problem: Problem) -> None:
    problem(raised(IntegrityError(), postgres.ForeignKeyViolation()), 409, "conflict")


def test_a_database_that_is_away_is_told_to_try_again(problem: Problem) -> None:
    problem(raised(OperationalError(), postgres.OperationalError()), 503, "database_away")


def test_a_fault_of_the_program_is_not_hidden_as_a_problem_of_the_caller() -> None:
    assert handle(ZeroDivisionError(), {}) is None
    assert raised(IntegrityError(), postgres.NotNullViolation()) is None


def test_a_fault_of_the_program_says_nothing_of_its_inside(
    as_supervisor: APIClient, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, checked: object) -> None:
        raise ZeroDivisionError("the password is s3cret")

    monkeypatch.setattr(rest.CheckedSerializer, "check", broken)
    body = {"name": "Wavy", "number": "5511900000001", "username": "u", "password": "p"}
    response = as_supervisor.post(f"{API}providers/", body)
    assert "s3cret" not in str(problem(response, 500, "error"))


def test_problems_are_told_in_the_readers_language(as_supervisor: APIClient) -> None:
    response = as_supervisor.post(f"{API}dialers/", {}, HTTP_ACCEPT_LANGUAGE="es")
    assert response.json()["errors"]["name"] == ["Este campo es requerido."]
