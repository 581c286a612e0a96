"""One terminal for many processes: every line begins with the name of the one that wrote it."""

import sys
import threading
from contextlib import suppress
from typing import IO

NAME_WIDTH = 9


class Console:
    """Writes whole lines, from any thread. A terminal that has gone away stops nothing."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.lock = threading.Lock()

    def plain(self, text: str) -> None:
        """A line of the supervisor's own."""
        with self.lock, suppress(OSError, ValueError):
            self.stream.write(f"{text}\n")
            self.stream.flush()

    def line(self, name: str, text: str) -> None:
        """A line that the process `name` wrote."""
        self.plain(f"{name:<{NAME_WIDTH}} | {text}")

    def follow(self, name: str, pipe: IO[bytes]) -> threading.Thread:
        """Pass on what comes out of `pipe` until it closes."""

        def pump() -> None:
            with pipe:
                for raw in pipe:
                    self.line(name, raw.decode(errors="replace").rstrip())

        thread = threading.Thread(target=pump, name=f"output of {name}", daemon=True)
        thread.start()
        return thread
