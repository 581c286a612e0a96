"""Connections to addresses that somebody typed: to one that was checked, and to no other; cut when the time is up."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import certifi
import urllib3
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from providers.http_addresses import Reach

CONNECT_TIMEOUT = 5.0  # seconds, for each address
READ_TIMEOUT = 15.0  # seconds without a byte


def pool_for(scheme: str, host: str, port: int, line: Line) -> urllib3.HTTPConnectionPool:
    """A pool of the one connection that the line guards. Close both."""
    if scheme == "http":
        return _PlainPool(host, port, maxsize=1, line=line)
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()
    return _TlsPool(host, port, maxsize=1, line=line, cert_reqs="CERT_REQUIRED", ca_certs=bundle)


class Line:
    """One connection: to an address that was checked, and to no other; cut when the time is up."""

    def __init__(self, reach: Reach, deadline: float) -> None:
        self._reach, self._deadline = reach, deadline
        self._timer: threading.Timer | None = None
        self._handle: socket.socket | None = None

    def connect(self, host: str, port: int) -> socket.socket:
        """Tries the host's addresses in turn. Raises OSError of the last one, ForbiddenAddressError."""
        failure: OSError = OSError("no address")
        for _family, address in self._reach.addresses(host.strip("[]").rstrip("."), port):
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the time is up")
            try:
                opened = socket.create_connection((address, port), timeout=min(CONNECT_TIMEOUT, left))
            except OSError as error:
                failure = error
                continue
            self._watch(opened)
            return opened
        raise failure

    def _watch(self, opened: socket.socket) -> None:
        """A second handle, as TLS takes over the first; a server that drips is cut off even in its headers."""
        handle = opened.dup()
        self._handle = handle
        self._timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), _cut, [handle])
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._handle is not None:
            self._handle.close()


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:  # it has ended meanwhile
        return


class _PlainConnection(urllib3.connection.HTTPConnection):
    """Leaves the choice of the address to its line."""

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line

    def _new_conn(self) -> socket.socket:
        try:
            return self.line.connect(self.host, self.port)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class _TlsConnection(_PlainConnection, urllib3.connection.HTTPSConnection):
    """The same; the certificate is checked against the name, not against the address."""


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
