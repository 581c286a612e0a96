"""The rows of a base behind a number of its tally: found page by page, with bounded reads whatever the base's size."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from dialers.claiming import rendered
from dialers.funnel import STAGES
from dialers.mapping import others_of
from dialers.models import Base, Row, RowState
from providers import reasons
from providers.errors import held_back
from providers.explained import explained
from providers.models import Message
from providers.states import OPEN, TALLY_KEYS, TROUBLE, State
from providers.templates import TemplateBook

# How far one page looks for rows of a state that has no index (0.3 s on a busy machine). Then it says so.
SPAN = 200_000
TIMES = (
    "accepted_at",
    "sent_at",
    "delivered_at",
    "read_at",
    "replied_at",
    "refused_at",
    "expired_at",
    "failed_at",
)
OWN = {"pending": RowState.PENDING, "skipped": RowState.SKIPPED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: all; of a `state` (a key of the tally); of those the ones with an `error`; or past a stage.

    `held_back`: of the refused ones `yes` those of our own gate, `no` those that Wavy turned away.
    """

    state: str = ""
    error: str = ""
    reached: str = ""
    held_back: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Wanted":
        """As an address names them; `valid` says whether there can be such rows."""
        return cls(*(params.get(name, "") for name in ("state", "error", "reached", "held_back")))

    @property
    def valid(self) -> bool:
        """Whether there can be such rows at all."""
        if self.held_back:
            return self.held_back in ("yes", "no") and self.state == State.REFUSED.key and not self.error
        if self.reached:
            return self.reached in STAGES and not self.state and not self.error
        if self.error:
            return self.state in {state.key for state in TROUBLE} and self.error.isprintable()
        return not self.state or self.state in TALLY_KEYS.values()

    @property
    def states(self) -> list[State]:
        """The message states that it means, where it means any."""
        keys = STAGES.get(self.reached, (self.state,))
        return [State[key.upper()] for key in keys if key.upper() in State.__members__]


@dataclass(frozen=True, slots=True)
class RowLine:
    """A row with how it stands. `text` is as the customer reads it; `error` a key of providers.errors."""

    line: int
    contact: str
    address: str
    priority: int
    text: str
    state: str
    error: str = ""
    why: str = ""
    held_back: bool = False
    message_id: int | None = None
    times: dict[str, datetime | None] = field(default_factory=dict)
    decided_by: str = ""
    decided_at: datetime | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowPage:
    """`following` is where the next page begins, "" at the end. A page may be short and yet not the last one."""

    rows: list[RowLine]
    following: str


def page(base: Base, wanted: Wanted, after: str = "", size: int = 50) -> RowPage:
    """A page of at most `size` rows after a cursor of the page before. Raises ValueError for another cursor.

    Five queries at most, each through an index: by line, by reason, by answer, or over SPAN rows of the batch.
    """
    if wanted.state == "pending":
        return _pending(base, after, size)
    if not wanted.reached and (not wanted.state or wanted.state in OWN):
        return _by_line(base, wanted, after, size)
    if wanted.state in {state.key for state in TROUBLE}:
        return _in_trouble(base, wanted, after, size)
    return _by_message(base, wanted, after, size)


def _pending(base: Base, after: str, size: int) -> RowPage:
    rows = Row.objects.filter(base=base, state=RowState.PENDING)
    if after:
        priority, line = map(_whole, after.split("-"))
        rows = rows.filter(Q(priority__gt=priority) | Q(line__gt=line), priority__gte=priority)
    found = list(rows.order_by("priority", "line")[: size + 1])
    shown = found[:size]
    following = f"{shown[-1].priority}-{shown[-1].line}" if len(found) > size else ""
    return RowPage(_lines(base, [(row, None) for row in shown]), following)


def _by_line(base: Base, wanted: Wanted, after: str, size: int) -> RowPage:
    """In the order of the file; of the skipped ones as many as SPAN lines hold."""
    start = _whole(after or "0")
    rows = Row.objects.filter(base=base, line__gt=start).order_by("line")
    if wanted.state in OWN:
        rows = rows.filter(state=OWN[wanted.state], line__lte=start + SPAN)
    found = list(rows.select_related("message__decided_by")[: size + 1])
    shown = found[:size]
    following = str(shown[-1].line) if len(found) > size else ""
    if not following and wanted.state in OWN and start + SPAN < _last_line(base):
        following = str(start + SPAN)
    return RowPage(_lines(base, [(row, row.message) for row in shown]), following)


def _whole(text: str) -> int:
    """A number of a cursor. Raises ValueError for what no line and no id can be."""
    if not text.isascii() or len(text) > 18:
        raise ValueError(text)
    return int(text)


def _last_line(base: Base) -> int:
    return Row.objects.filter(base=base).order_by("-line").values_list("line", flat=True).first() or 0


def _in_trouble(base: Base, wanted: Wanted, after: str, size: int) -> RowPage:
    """By reason, then in the order of sending: the order of their index."""
    messages = Message.objects.filter(batch=base.pk, listed_state=wanted.states[0], listed_state__in=TROUBLE)
    if wanted.error:
        messages = messages.filter(error=wanted.error)
    if wanted.held_back:  # by the reasons that there are, so that the index leads to them
        ours = wanted.held_back == "yes"
        told = {error for state, error in reasons.read([base.pk])[base.pk] if state == State.REFUSED}
        messages = messages.filter(error__in=[one for one in told if held_back(True, one) == ours])
    if after:
        key, error = after.split("-", 1)
        if not error.isprintable():
            raise ValueError(after)
        messages = messages.filter(Q(error__gt=error) | Q(pk__gt=_whole(key)), error__gte=error)
    return _with_rows(base, messages.order_by("error", "pk"), size, lambda last: f"{last.pk}-{last.error}")


def _by_message(base: Base, wanted: Wanted, after: str, size: int) -> RowPage:
    start = _whole(after or "0")
    messages = Message.objects.filter(batch=base.pk, pk__gt=start).order_by("pk")
    if "replied" in (wanted.state, wanted.reached):
        return _with_rows(base, messages.exclude(replied_at=None), size, lambda last: str(last.pk))
    states = wanted.states
    if set(states) <= set(OPEN):
        return _with_rows(
            base,
            messages.filter(listed_state__in=states).filter(listed_state__in=OPEN),
            size,
            lambda last: str(last.pk),
        )
    first = messages.values_list("pk", flat=True).first()
    if first is None:
        return RowPage([], "")
    seen = _with_rows(
        base, messages.filter(state__in=states, pk__lt=first + SPAN), size, lambda last: str(last.pk)
    )
    if not seen.following and Message.objects.filter(batch=base.pk, pk__gte=first + SPAN).exists():
        return RowPage(seen.rows, str(first + SPAN - 1))
    return seen


def _with_rows(base: Base, messages: QuerySet[Message], size: int, cursor: Any) -> RowPage:
    found = list(messages.select_related("decided_by")[: size + 1])
    shown = found[:size]
    rows = {row.message_id: row for row in Row.objects.filter(message__in=[one.pk for one in shown])}
    pairs = [(rows[one.pk], one) for one in shown if one.pk in rows]
    return RowPage(_lines(base, pairs), cursor(shown[-1]) if len(found) > size else "")


def _lines(base: Base, pairs: Sequence[tuple[Row, Message | None]]) -> list[RowLine]:
    templates = TemplateBook(base.dialer.provider)
    return [
        _taken(row, message) if message else _own(row, rendered(templates, row)) for row, message in pairs
    ]


def _own(row: Row, text: str) -> RowLine:
    state = RowState(row.state).name.lower()
    return RowLine(row.line, row.contact, row.address, row.priority, text, state, extra=row.extra or {})


def _taken(row: Row, message: Message) -> RowLine:
    troubled = message.state in TROUBLE and message.error
    return RowLine(
        row.line,
        row.contact,
        row.address,
        row.priority,
        message.text,
        message.state_key,
        error=message.error if troubled else "",
        why=explained(message) if troubled else "",
        held_back=message.held_back,
        message_id=message.pk,
        times={name: getattr(message, name) for name in TIMES},
        decided_by=str(message.decided_by or ""),
        decided_at=message.decided_at,
        extra=row.extra or {},
    )


def extra_names(base: Base) -> list[str]:
    """The names of the file's other columns: those of its header, and those that its first rows have."""
    names: dict[str, None] = dict.fromkeys(others_of(base))
    first: Iterable[dict[str, Any] | None] = (
        Row.objects.filter(base=base).order_by("line").values_list("extra", flat=True)[:1000]
    )
    for extra in first:
        names |= dict.fromkeys(extra or ())
    return list(names)
