"""Posts to an address that somebody typed: guarded as fetching is, once, without following redirects."""

import time
from collections.abc import Mapping

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, NewConnectionError
from urllib3.exceptions import TimeoutError as HttpTimeoutError
from urllib3.util import parse_url

from providers.http_addresses import ForbiddenAddressError, Reach
from providers.http_guarded import CONNECT_TIMEOUT, READ_TIMEOUT, Line, pool_for

DEFAULT_PORTS = {"http": 80, "https": 443}


class NotPostedError(Exception):
    """`key`: `url`, `address` (out of bounds), `timeout`, `unreachable`, `status`; `detail` says which one."""

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(key, detail)
        self.key, self.detail = key, detail


def post(url: str, body: bytes, headers: Mapping[str, str], reach: Reach, seconds: float) -> None:
    """Posts a body; returns once a 2xx came back, within so many seconds. Raises NotPostedError."""
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise NotPostedError("url") from error
    if parsed.scheme not in DEFAULT_PORTS or not parsed.host:
        raise NotPostedError("url")
    line = Line(reach, time.monotonic() + seconds)
    pool = pool_for(parsed.scheme, parsed.host, parsed.port or DEFAULT_PORTS[parsed.scheme], line)
    try:
        status = _status(pool, parsed.request_uri, body, headers)
    except ForbiddenAddressError as error:
        raise NotPostedError("address", str(error)) from error
    except NewConnectionError as error:  # which urllib3 derives from its time-out
        raise NotPostedError("unreachable", type(error).__name__) from error
    except (TimeoutError, HttpTimeoutError) as error:
        raise NotPostedError("timeout") from error
    except (HTTPError, OSError, ValueError) as error:
        raise NotPostedError("unreachable", type(error).__name__) from error
    finally:
        line.close()
        pool.close()
    if not 200 <= status < 300:
        raise NotPostedError("status", str(status))


def _status(pool: urllib3.HTTPConnectionPool, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    response = pool.urlopen(
        "POST",
        path,
        body=body,
        headers={"User-Agent": "uContact-Wavy", **headers},
        redirect=False,
        retries=False,
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        preload_content=False,
    )
    status = int(response.status)
    response.close()
    return status
