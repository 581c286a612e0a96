"""Every error of the API as an RFC 9457 problem document with a `code`."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from psycopg import errors as postgres
from rest_framework import exceptions
from rest_framework.views import set_rollback

from providers.errors import Refusal
from providers.rest import by_field

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, errors: dict[str, Any] | None = None) -> HttpResponse:
    """The document: `detail` is a sentence for people, `code` for programs, `errors` sentences by field."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    return JsonResponse(
        body, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False}
    )


def handle(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler; None for what is a fault of the program."""
    response = _answer(error)
    if response is not None:
        set_rollback()
    return response


def _answer(error: Exception) -> HttpResponse | None:
    if isinstance(error, Refusal):
        return problem(error.status, error.code, str(error))
    if isinstance(error, ProtectedError | RestrictedError):
        return problem(409, "in_use", _("Something else still uses it. Delete or change that first."))
    if isinstance(error, IntegrityError):
        return _conflict(error)
    if isinstance(error, OperationalError | InterfaceError):
        return problem(503, "database_away", _("The database does not answer. Try again in a moment."))
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", _("The body is larger than 10 MiB. Send less at a time."))
    if isinstance(error, SuspiciousOperation):
        return problem(400, "parse_error", _("The body cannot be read: it has too many parts."))
    if isinstance(error, ModelValidationError):
        error = exceptions.ValidationError(by_field(error))
    elif isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    return _of_framework(error) if isinstance(error, exceptions.APIException) else None


def _conflict(error: IntegrityError) -> HttpResponse | None:
    """Two at once did what only one may: the later one reads that it came second."""
    if isinstance(error.__cause__, postgres.UniqueViolation):
        return problem(
            409, "conflict", _("Another one like this was saved at the same moment. Look, then try again.")
        )
    if isinstance(error.__cause__, postgres.ForeignKeyViolation):
        return problem(
            409, "conflict", _("What this refers to was deleted at the same moment. Look, then try again.")
        )
    return None


def _of_framework(error: exceptions.APIException) -> HttpResponse:
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        response = problem(error.status_code, "invalid", " ".join(_sentences(errors)), errors)
    else:
        response = problem(error.status_code, str(error.get_codes()), str(error.detail))
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _sentences(errors: Any, field: str = "") -> Iterator[str]:
    if isinstance(errors, dict):
        for name, inner in errors.items():
            yield from _sentences(inner, "" if name == "non_field_errors" else str(name))
    elif isinstance(errors, list):
        for inner in errors:
            yield from _sentences(inner, field)
    else:
        yield f"{field}: {errors}" if field else str(errors)


@csrf_exempt  # whatever the method, nothing happens
def no_such_address(request: HttpRequest, **_rest: str) -> HttpResponse:
    """404 for whatever below /api/ is no address."""
    return problem(
        404, "not_found", _("There is nothing at this address. Addresses end with a slash; see /api/docs/.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without a word of what went wrong inside: a document below /api/, a page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return problem(500, "error", _("Something went wrong on our side. It is in the log."))
