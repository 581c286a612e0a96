"""What a page shows of a conversation's recent messages, in a few characters each: what it lacks, what has moved."""

from collections.abc import Iterable, Mapping
from zlib import crc32

from django.utils.http import base36_to_int, int_to_base36

from providers.models import Contact, Direction, Message
from providers.states import State
from sessions.selectors import PAGE

RANKS = {int(state): int_to_base36(rank) for rank, state in enumerate(State)}
LONGEST = PAGE * 20  # characters

Marks = dict[int, str]


def marks_of(messages: Iterable[Message]) -> Marks:
    """The mark of each by its id: it changes with whatever the ticks show; a customer's message has none."""
    return {one.pk: _mark(one.direction, one.state, one.error, one.error_detail) for one in messages}


def recent(contact: Contact) -> Marks:
    """Of the messages that a page of the conversation shows when it is opened. One light query."""
    rows = Message.objects.filter(contact=contact).order_by("-id")
    found = rows.values_list("id", "direction", "state", "error", "error_detail")[:PAGE]
    return {row[0]: _mark(*row[1:]) for row in reversed(found)}


def missed(known: Mapping[int, str], now: Mapping[int, str], after: int) -> list[int]:
    """Ids up to `after` that a page does not show although it shows earlier ones: committed later than those."""
    first = min(known, default=after)
    return [key for key in now if first < key <= after and key not in known]


def moved(known: Mapping[int, str], now: Mapping[int, str]) -> list[int]:
    """Ids whose ticks are others than the page shows."""
    return [key for key, mark in now.items() if known.get(key, mark) != mark]


def write(marks: Mapping[int, str]) -> str:
    """For the page to send back, the newest ones alone."""
    last, parts = 0, []
    for key in sorted(marks)[-PAGE:]:
        parts.append(f"{int_to_base36(key - last)}-{marks[key]}")
        last = key
    return "_".join(parts)


def read(text: str) -> Marks:
    """What `write` wrote; nothing for what it did not."""
    marks: Marks = {}
    key = 0
    if not text or len(text) > LONGEST:
        return marks
    for part in text.split("_"):
        step, _, mark = part.partition("-")
        try:
            key += base36_to_int(step)
        except ValueError:
            return {}
        marks[key] = mark
    return marks


def _mark(direction: int, state: int, error: str, detail: str) -> str:
    if direction == Direction.IN:
        return ""
    trouble = int_to_base36(crc32(f"{error} {detail}".encode()) % 36**3) if error else ""
    return RANKS.get(state, "") + trouble
