"""How the embedded servers speak to the person at the terminal."""

import sys
from collections.abc import Callable

Say = Callable[[str], None]


def say_on_stderr(line: str) -> None:
    """One line, apart from a command's own output."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
