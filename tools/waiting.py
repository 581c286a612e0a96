"""Waiting for what another process will do, and finding a port for it."""

import socket
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class TooLateError(AssertionError):
    """Something did not happen in its time; the text says what was waited for."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(ask: Callable[[], T], seconds: float = 30, what: str = "", every: float = 0.1) -> T:
    """The first truthy answer; TooLateError that says what was waited for when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() >= deadline:
            raise TooLateError(f"not within {seconds} s: {what or ask}, last answer {answer!r}")
        time.sleep(every)
    return answer
