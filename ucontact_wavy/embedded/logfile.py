"""The servers' log files under VAR_DIR/log."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ucontact_wavy.embedded.layout import Layout

ROTATE_BYTES = 10 * 1024 * 1024
SHOWN_BYTES = 4096


@contextmanager
def log_file(layout: Layout, name: str) -> Iterator[int]:
    """A descriptor that appends to `name`.log; a long one moves to `name`.log.1 first."""
    layout.log.mkdir(mode=0o700, exist_ok=True)
    path = layout.log / f"{name}.log"
    if path.exists() and path.stat().st_size > ROTATE_BYTES:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def last_lines(layout: Layout, name: str, count: int = 8) -> str:
    """The end of `name`.log, indented, for an error's text."""
    path = layout.log / f"{name}.log"
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - SHOWN_BYTES))
        text = stream.read().decode(errors="replace")
    return "".join(f"\n    {line}" for line in text.splitlines()[-count:])
