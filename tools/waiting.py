"""Waiting for what another process will do, and finding a port for it."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from random import SystemRandom
from typing import TypeVar

T = TypeVar("T")
PORTS = range(12_000, 32_000)


class TooLateError(AssertionError):
    """Something did not happen in its time; the text says what was waited for."""


def free_port() -> int:
    """A port that nobody listens on now, below those that the system gives to outgoing connections."""
    for port in SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError(f"no port of {PORTS} is free")


def eventually(ask: Callable[[], T], seconds: float = 30, what: str = "", every: float = 0.1) -> T:
    """The first truthy answer; TooLateError that says what was waited for when the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() >= deadline:
            raise TooLateError(f"not within {seconds} s: {what or ask}, last answer {answer!r}")
        time.sleep(every)
    return answer
