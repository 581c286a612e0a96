"""Ties a child to its parent: on Linux, one whose parent dies is killed by the kernel."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: signal.Signals = signal.SIGKILL) -> None:
    """Have the kernel send this process `number` when the thread that started it ends. Elsewhere: nothing."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(number))


def leash() -> Callable[[], None]:
    """What a child runs before its program; covers a parent that dies in between as well."""
    parent = os.getpid()

    def hold() -> None:
        die_with_parent()
        if os.getppid() != parent:
            os._exit(1)

    return hold
