"""The guide's two paths. Lean on purpose: authenticate, store the raw body, answer, wake."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from providers.callbacks import intake
from providers.callbacks.addresses import is_open_to
from providers.models.callback import CallbackKind
from providers.wake import hint

log = structlog.get_logger(__name__)
PLAIN_TOKEN = re.compile(r"token=([\w-]+)", re.ASCII)  # as we print it: nothing to be decoded


def query_of(request: HttpRequest) -> dict[str, str]:
    """The query string, the last value of each name: UTF-8, else Windows-1252, however many there are.

    Django's own reading turns away long ones and loses what is no UTF-8.
    """
    pairs = parse_qsl(request.META.get("QUERY_STRING", ""), keep_blank_values=True, encoding="latin-1")
    return {_text(name): _text(value) for name, value in pairs}


def _text(octets: str) -> str:
    """What was decoded as Latin-1, a character an octet."""
    if octets.isascii():
        return octets
    raw = octets.encode("latin-1", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def token_of(request: HttpRequest) -> str:
    """The secret of `?token=…`, or the password of basic authentication; "" without either."""
    plain = PLAIN_TOKEN.fullmatch(request.META.get("QUERY_STRING", ""))
    if plain:
        return plain[1]
    token = query_of(request).get("token", "")
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if token or scheme.lower() != "basic":
        return token
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def origin_of(request: HttpRequest) -> tuple[str, str]:
    """Who holds the connection, and for whom it says to hold it."""
    return request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")


def declared_length(request: HttpRequest) -> int:
    """What Content-Length says; 0 where it says nothing."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length[:19]) if length.isascii() and length.isdigit() else 0


def whole_body(request: HttpRequest) -> bytes:
    """The body, also one that comes in chunks without a length, which Django would take for empty.

    Raises RequestDataTooBig and UnreadablePostError; the server ends a body that broke off as if it were whole.
    """
    chunked = request.META.get("HTTP_TRANSFER_ENCODING") and not request.META.get("CONTENT_LENGTH")
    if not chunked:
        if len(request.body) < declared_length(request):
            raise UnreadablePostError
        return request.body
    body = bytearray()
    while part := request.META["wsgi.input"].read(65536):
        body += part
        if len(body) > settings.CALLBACK_BODY_LIMIT:
            raise RequestDataTooBig
    return bytes(body)


class CallbackView(View):
    """POST of statuses or messages; the class attribute says which."""

    http_method_names = ["post"]
    kind = CallbackKind.STATUS

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        """Decorated as a function, once; a decorated method is wrapped anew at each request."""
        return csrf_exempt(transaction.non_atomic_requests(super().as_view(**initkwargs)))

    def post(self, request: HttpRequest) -> HttpResponse:
        if declared_length(request) > settings.CALLBACK_BODY_LIMIT:
            return self.too_large()
        try:
            body = whole_body(request)
        except RequestDataTooBig:
            return self.too_large()
        except UnreadablePostError:
            return problem(400, "The body broke off.")
        return self.take_in(request, body)

    def take_in(self, request: HttpRequest, body: bytes) -> HttpResponse:
        """Stores and answers; without a database 503, so that Wavy tries again."""
        try:
            return self._take_in(request, body)
        except (DatabaseError, InterfaceError) as error:
            log.error("callback_not_stored", kind=self.kind, error=type(error).__name__)
            return problem(503, "The database is away; please try again.")

    def _take_in(self, request: HttpRequest, body: bytes) -> HttpResponse:
        now = timezone.now()
        token = token_of(request)
        stored = intake.store(self.kind, token, body, now) if token else None
        if stored is None and not token and is_open_to(*origin_of(request)):
            stored = intake.Stored(intake.store_open(self.kind, body, now))
        if stored is None:
            intake.count_refused(body, now)
            return problem(403, "The token is missing or wrong.")
        try:
            intake.parse(body)
        except intake.NoJsonError as error:
            intake.quarantine_body(stored.id, body, error, now)
            return problem(400, f"The body is no JSON object or array: {error}")
        if not stored.awaited:
            hint(intake.DRAINS[self.kind])
        return HttpResponse(b"{}", content_type="application/json")

    @staticmethod
    def too_large() -> HttpResponse:
        return problem(413, "The body is larger than 10 MiB.")


class StatusView(CallbackView):
    """Delivery statuses."""


class MessageView(CallbackView):
    """Customers' messages; SMS push may come as a query string, too."""

    http_method_names = ["post", "get"]
    kind = CallbackKind.MESSAGE

    def get(self, request: HttpRequest) -> HttpResponse:
        item = {key: value for key, value in query_of(request).items() if key != "token"}
        return self.take_in(request, json.dumps(item).encode())


def problem(status: int, detail: str) -> JsonResponse:
    """A refusal that says why, in JSON."""
    return JsonResponse({"status": status, "detail": detail}, status=status)
