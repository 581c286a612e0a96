"""Base files for tests: bytes in, lines or a loaded base out."""

import io
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.core.files.base import ContentFile
from hypothesis import settings

from accounts.models import User
from dialers import bases, loading
from dialers.claiming import claim
from dialers.dispatch import IN_FLIGHT, dispatch
from dialers.models import Base, BaseState, Dialer, Row, RowState
from dialers.reader import Line, detect, read
from providers import ledger, reasons, tally
from providers.http_bulk import BulkWire
from providers.sending import Limits, RetryPolicy, Stream
from providers.states import TROUBLE, State
from tests.factories import NOW

ADDRESS = 59_899_000_000
# Hypothesis: the same examples in every run, however busy the machine.
STEADY = settings(derandomize=True, deadline=None)


def lines_of(content: bytes | str, dialer: str = "WavyDialer") -> list[Line]:
    """What the reader makes of a file."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return list(read(file, detect(file), dialer))


def cells(content: bytes | str) -> list[tuple[str | None, ...] | None]:
    """Destination, message and priority of each line; None for one that could not be split."""
    return [
        None
        if line.columns is None
        else tuple(line.columns.get(name) for name in ("destination", "message", "priority"))
        for line in lines_of(content)
    ]


def uploaded(
    dialer: Dialer, content: bytes | str | Iterable[str], user: User | None = None, name: str = "base.csv"
) -> Base:
    """A base as the upload leaves it, not yet loaded."""
    if not isinstance(content, bytes | str):
        content = "\n".join(content)
    data = content.encode() if isinstance(content, str) else content
    return bases.upload(dialer, ContentFile(data, name=name), user)


def loaded(
    dialer: Dialer, content: bytes | str | Iterable[str], user: User | None = None, name: str = "base.csv"
) -> Base:
    """A base after its loader has been."""
    base = uploaded(dialer, content, user, name)
    loading.load(base.pk)
    base.refresh_from_db()
    return base


def hsm_lines(n: int, message: str = "hsm:welcome", dialer: str = "WavyDialer") -> list[str]:
    """`n` good lines to different people; `message` may hold {n}."""
    return [f"{dialer};{ADDRESS + k};{message.format(n=k)};9999" for k in range(1, n + 1)]


def invalid_lines(base: Base) -> dict[int, tuple[str, str]]:
    """Code and text of each reported line, by its number."""
    return {bad.line: (bad.code, bad.text) for bad in base.invalid_lines.order_by("line")}


def check_tally(base: Base) -> dict[str, int]:
    """The tally, after making sure that it adds up and says what rows and messages say."""
    base.refresh_from_db()
    counts = tally.read([base.pk])[base.pk]
    states = {key: n for key, n in counts.items() if key != "replied"}
    assert sum(states.values()) == base.valid
    assert base.valid + base.invalid == base.lines
    assert all(n >= 0 for n in states.values())
    own = Row.objects.filter(base=base, message=None).values_list("state", flat=True)
    sent = Row.objects.filter(base=base).exclude(message=None).values_list("message__state", flat=True)
    seen = Counter([RowState(state).name.lower() for state in own] + [State(state).key for state in sent])
    if base.state != BaseState.LOADING:
        assert seen == Counter({key: n for key, n in states.items() if n})
    told: Counter[str] = Counter()
    for (state, _error), n in reasons.read([base.pk])[base.pk].items():
        told[State(state).key] += n
    assert told == Counter({state.key: states[state.key] for state in TROUBLE if states[state.key]})
    return counts


def started(
    dialer: Dialer, content: bytes | str | Iterable[str], now: datetime = NOW, user: User | None = None
) -> Base:
    """A loaded base that runs."""
    return bases.start(loaded(dialer, content), user, now)


def settle(base: Base, now: datetime = NOW) -> dict[str, int]:
    """One turn of a worker at a standing clock; the tally after it."""
    dispatch(base.pk, lambda: now)
    return check_tally(base)


def in_flight(base: Base, n: int, now: datetime = NOW) -> list[int]:
    """The ids of the next `n` rows' messages, as a worker leaves them that dies just before they leave."""
    base = Base.objects.select_related("dialer__provider").get(pk=base.pk)
    stream = Stream(base.dialer.provider, BulkWire[int](), Limits(IN_FLIGHT), lambda: now, RetryPolicy())
    return [message.id for message in claim(base, stream, n).leaving]


def queued_again(base: Base, n: int, now: datetime = NOW) -> list[int]:
    """The ids of the next `n` rows' messages, queued again because they did not leave."""
    return ledger.requeue(in_flight(base, n, now), now, error="unreachable")


class Clock:
    """Stands at NOW, or at `jump` once `when` holds; calls `act` then, once. It is read between all steps."""

    def __init__(
        self,
        when: Callable[[], bool],
        act: Callable[[], object] = lambda: None,
        jump: timedelta = timedelta(),
    ) -> None:
        self.when, self.act, self.jump = when, act, jump
        self.done_at = 0.0

    def __call__(self) -> datetime:
        if not self.done_at and self.when():
            self.done_at = time.monotonic()
            self.act()
        return NOW + self.jump if self.done_at else NOW


def state_of(base: Base) -> tuple[str, str]:
    """State and reason of a base now."""
    base.refresh_from_db()
    return base.state, base.reason
