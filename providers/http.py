"""The one place that talks to providers: time-outs, connection reuse, redaction, nothing sent twice."""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import structlog
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

from providers.drivers.base import Answer, Lost, Request

CONNECT_TIMEOUT = 5.0  # seconds, for the connection and the TLS handshake
READ_TIMEOUT = 30.0  # seconds without a byte, and for the whole body once the headers came
IDLE_LIMIT = 20.0  # seconds after which an idle connection is opened anew
LARGEST_BODY = 4 * 1024 * 1024  # bytes; what is longer is cut
SHORTEST_SECRET = 4  # characters; shorter ones would blank out ordinary words of an answer
MASK = "***"

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_QUERY = re.compile(r"\?\S+")
_NEVER_LEFT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)

log = structlog.get_logger(__name__)
logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # it logs whole URLs, and these may hold a key


class _PlainConnection(urllib3.connection.HTTPConnection):
    """Says when nothing left, and is not used again after a while without use: a firewall that forgot
    an idle connection would make the next message uncertain."""

    used_at = 0.0

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError) as error:
            raise NewConnectionError(self, str(error)) from error
        self.used_at = time.monotonic()

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 itself does
        response = super().getresponse()
        self.used_at = time.monotonic()
        return response

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self.used_at < IDLE_LIMIT


class _TlsConnection(_PlainConnection, urllib3.connection.HTTPSConnection):
    """The same over TLS; a reset or time-out in the handshake counts as nothing left."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """requests' own adapter, without retries, on connections that say when nothing left."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        return manager


class _Sessions(threading.local):
    """Open connections of one thread: [0] through the environment's proxies, [1] for loopback."""

    process: int = 0
    pair: tuple[requests.Session, requests.Session]


_sessions = _Sessions()


def send(
    request: Request, *, connect_timeout: float = CONNECT_TIMEOUT, read_timeout: float = READ_TIMEOUT
) -> Answer | Lost:
    """Sends `request` once and returns what came back; times in seconds. Never raises for the network.

    Lost.NOT_SENT only where it is certain that nothing left; everything else without a whole answer is
    Lost.UNKNOWN. Redirects are answers like others. The body is cut at LARGEST_BODY; the secrets are
    masked in every body that is not a success. Proxies and CA bundles of the environment are used,
    except towards loopback; .netrc never is.
    """
    started = time.monotonic()
    deadline = started + connect_timeout + 2 * read_timeout
    try:
        with _session(request.url).request(
            request.method,
            request.url,
            headers={name: value.encode(errors="replace") for name, value in request.headers.items()},
            data=request.body,
            timeout=(connect_timeout, read_timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            status, body = response.status_code, _read(response, deadline)
    except (requests.RequestException, HTTPError, OSError) as error:
        lost = _lost(error)
        log_request(request, started, lost=lost, error=error)
        return lost
    log_request(request, started, status=status)
    return Answer(status, body if 200 <= status < 300 else redact_bytes(body, request.secrets))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """`text` with every secret masked, also as JSON or a URL would spell it."""
    for secret in secrets:
        if len(secret) < SHORTEST_SECRET:
            continue
        as_json = (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
        for form in (secret, *as_json, quote(secret, "")):
            text = text.replace(form, MASK)
    return text


def redact_bytes(body: bytes, secrets: tuple[str, ...]) -> bytes:
    """The same for a body; bytes that are no UTF-8 stay as they are."""
    return redact(body.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")


def bare_url(url: str) -> str:
    """The URL without user, query and fragment: fit for a log."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "(not a URL)"


def _session(url: str) -> requests.Session:
    if _sessions.process != os.getpid():  # a forked worker must not write into its parent's sockets
        _sessions.pair = (_new_session(environment=True), _new_session(environment=False))
        _sessions.process = os.getpid()
    try:
        loopback = urlsplit(url).hostname in LOOPBACK
    except ValueError:
        loopback = False
    return _sessions.pair[1 if loopback else 0]


def _new_session(*, environment: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = environment
    session.auth = _without_netrc
    session.headers["User-Agent"] = "uContact-Wavy"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # accounts share a host, not cookies
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(max_retries=0))
    return session


def _without_netrc(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


def _read(response: requests.Response, deadline: float) -> bytes:
    """The body up to LARGEST_BODY. A body that drips past the deadline is a time-out."""
    body = bytearray()
    while chunk := response.raw.read1(65536, decode_content=True):
        body += chunk
        if len(body) >= LARGEST_BODY:
            return bytes(body[:LARGEST_BODY])
        if time.monotonic() > deadline:
            raise TimeoutError("the answer did not end in time")
    return bytes(body)


def _lost(error: Exception) -> Lost:
    if isinstance(error, _NEVER_LEFT):
        return Lost.NOT_SENT
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, ProxyError):
        cause = cause.original_error
    return Lost.NOT_SENT if isinstance(cause, (NewConnectionError, ConnectTimeoutError)) else Lost.UNKNOWN


def _reason(error: Exception, secrets: tuple[str, ...]) -> str:
    """The error's own words without the query of the URL that they may quote."""
    return redact(_QUERY.sub("?" + MASK, f"{type(error).__name__}: {error}"), secrets)


def log_request(
    request: Request,
    started: float,
    *,
    status: int | None = None,
    lost: Lost | None = None,
    error: Exception | None = None,
) -> None:
    """Says how a request ended, without anything secret; `started` on the monotonic clock."""
    facts: dict[str, object] = {"status": status} if status else {}
    if lost and error:
        facts |= {"lost": lost.value, "reason": _reason(error, request.secrets)}
    (log.debug if status in (200, 201, 202) else log.warning)(
        "provider_request",
        method=request.method,
        url=redact(bare_url(request.url), request.secrets),
        milliseconds=round((time.monotonic() - started) * 1000),
        **facts,
    )
