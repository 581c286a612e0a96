"""Locks between processes: they vanish with the process, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ucontact_wavy.embedded.errors import EmbeddedError


def open_lock_file(path: Path) -> int:
    """A file descriptor to lock; children do not inherit it."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise EmbeddedError(f"{path} belongs to another user. Start as them, or set VAR_DIR.") from error


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for the lock on `path` and hold it."""
    descriptor = open_lock_file(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lock_now(descriptor: int) -> bool:
    """Take the exclusive lock if nobody else holds any; a shared one held so far is given up either way."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def share(descriptor: int) -> None:
    """Take, or wait for, the shared lock."""
    fcntl.flock(descriptor, fcntl.LOCK_SH)
