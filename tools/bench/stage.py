"""What every bench works on: a fresh installation, a simulator beside it, and rows as many as asked for."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.installation import Installation
from tools.waiting import TooLateError
from tools.wavy import Wavy

DIALER = "WavyDialer"
TEMPLATE = "hsm:chatclub_open_session_v2:Integra"
FIRST_NUMBER = 5511910000000
STALL_SECONDS = 90.0
WARM_UP = 300  # rows; a worker that sends its first message imports half the product


def distinct(count: int, start: int = 0) -> list[str]:
    """Lines of a base, each with parameters of its own."""
    return [
        f"{DIALER};{FIRST_NUMBER + n};{TEMPLATE}:Operation {n} performed" for n in range(start, start + count)
    ]


def alike(count: int, start: int = 0) -> list[str]:
    """Lines of a base that all say the same."""
    return [f"{DIALER};{FIRST_NUMBER + n};{TEMPLATE}:The same words" for n in range(start, start + count)]


@dataclass(frozen=True, slots=True)
class Span:
    """What the simulator took, by its own clock (epoch milliseconds)."""

    accepted: int
    first: int
    last: int

    @property
    def per_second(self) -> float:
        return self.accepted / max((self.last - self.first) / 1000, 0.001)


class Stage:
    """One bench's own surroundings. `scale` makes it smaller or larger; 1 is what the figures are asked for."""

    def __init__(self, installation: Installation, wavy: Wavy, folder: Path, scale: float) -> None:
        self.installation = installation
        self.wavy = wavy
        self.folder = folder
        self.scale = scale

    def rows(self, count: int) -> int:
        """So many rows, to scale."""
        return max(1, round(count * self.scale))

    def upload(self, lines: Sequence[str], dialer: str = DIALER) -> int:
        """A loaded base, not started; returns its id."""
        return self.installation.upload(list(lines), dialer, seconds=300)

    def start(self, base: int) -> None:
        self.installation.done("POST", f"bases/{base}/start/", "operator")

    def span(self) -> Span:
        """What came since the last reset."""
        counts = self.wavy.totals()
        return Span(counts["accepted"], counts["first_accepted_at"] or 0, counts["last_accepted_at"] or 0)

    def until_taken(self, count: int) -> Span:
        """Waits until the simulator took so many; TooLateError when nothing moves any more."""
        moved, seen = time.monotonic(), -1
        while (span := self.span()).accepted < count:
            if span.accepted != seen:
                moved, seen = time.monotonic(), span.accepted
            if time.monotonic() - moved > STALL_SECONDS:
                raise TooLateError(
                    f"{span.accepted} of {count} taken, and nothing more for {STALL_SECONDS} s"
                )
            time.sleep(0.25)
        return span

    def until_finished(self, base: int, seconds: float = 60) -> None:
        """Waits until nothing of the base is in flight any more."""
        deadline = time.monotonic() + seconds
        while (state := self.installation.get(f"bases/{base}/")["state"]) not in ("finished", "cancelled"):
            if time.monotonic() > deadline:
                raise TooLateError(f"base {base} is still {state} after {seconds} s")
            time.sleep(0.25)

    def warm_up(self) -> None:
        """Sends a small base first, and has the simulator forget it."""
        base = self.upload(distinct(WARM_UP, start=9_000_000))
        self.start(base)
        self.until_taken(WARM_UP)
        self.until_finished(base)
        self.forget()

    def forget(self) -> None:
        """The simulator counts from nothing again; its switches stay."""
        self.wavy.tell("POST", "/control/reset")


@contextmanager
def stage(scale: float) -> Iterator[Stage]:
    """A fresh installation on a temporary VAR_DIR, and its simulator; both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ucontact-bench-") as name:
        folder = Path(name)
        wavy = Wavy(SIMULATOR_KEEP="1000000")
        installation = Installation(folder / "var", wavy, LOG_LEVEL="WARNING")
        try:
            installation.start()
            yield Stage(installation, wavy, folder, scale)
        finally:
            installation.stop()
            wavy.stop()
