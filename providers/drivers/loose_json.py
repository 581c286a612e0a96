"""Reads values out of JSON that keeps no promises: whatever comes in, no exception and nothing that
PostgreSQL would refuse comes out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST, LATEST = 946_684_800, 4_102_444_800  # the years 2000 and 2100 in epoch seconds
LONGEST_SCALAR = 200  # characters, of what the ledger keeps in a column
DEEPEST = 32


def decode(body: bytes) -> Any:
    """The decoded JSON of `body`. Raises ValueError, also where it nests too deep to be decoded."""
    try:
        return _decoded(body.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _decoded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise
    except ValueError:  # Python makes no number of so many digits; the rest of the body is as good as any
        return json.loads(body, parse_int=_number)


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_SCALAR else digits


def clean(text: str) -> str:
    """`text` without NUL, each lone surrogate replaced: what PostgreSQL and UTF-8 can hold."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean_tree(value: Any, depth: int = 0) -> Any:
    """A copy of decoded JSON that jsonb takes: clean strings, finite numbers, DEEPEST levels at most."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if not isinstance(value, dict | list):
        return value
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, list):
        return [clean_tree(inner, depth + 1) for inner in value]
    return {clean(str(key)): clean_tree(inner, depth + 1) for key, inner in value.items()}


def scalar(value: Any) -> str:
    """A string or a number as clean, trimmed text of at most LONGEST_SCALAR characters; else ""."""
    if isinstance(value, str):
        text = value[:LONGEST_SCALAR]
        return (text if text.isascii() and "\x00" not in text else clean(text)).strip()
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1024 else ""
    if isinstance(value, float) and isfinite(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    return ""


def words(value: Any) -> str:
    """Like scalar, for text that people wrote: of any length, untrimmed."""
    return clean(value) if isinstance(value, str) else scalar(value)


def flag(value: Any) -> bool:
    """true, "true", "TRUE", 1 and "1" are true; anything else is not."""
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1")
    return value is True or (isinstance(value, int) and value == 1)


def mapping(value: Any) -> dict[str, Any]:
    """The object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def items(body: Any) -> Iterator[Any]:
    """The items of an envelope {"data": [...]}, of an array, or the one bare item."""
    if isinstance(body, list):
        yield from body
    elif isinstance(body, dict) and "data" in body:
        data = body["data"]
        if data is not None:
            yield from data if isinstance(data, list) else [data]
    else:
        yield body


def count(body: Any) -> int:
    """How many items there are."""
    if isinstance(body, list):
        return len(body)
    data = body.get("data") if isinstance(body, dict) else None
    return len(data) if isinstance(data, list) else 1


def moment(*candidates: Any) -> datetime | None:
    """The first candidate that is a time between 2000 and 2100, aware UTC; None where none is.

    Takes epoch seconds, milliseconds and microseconds, as number or text, told apart by their size,
    and ISO 8601; a text without zone is UTC.
    """
    for candidate in candidates:
        if candidate is not None and (found := _moment(candidate)) is not None:
            return found
    return None


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()[:40]
        if not text.isascii():
            return None
        if not text.isdigit():
            return _iso(text)
        value = int(text)
    if isinstance(value, float):
        if not isfinite(value):
            return None
        value = int(value)
    return _epoch(value) if isinstance(value, int) else None


def _epoch(number: int) -> datetime | None:
    for per_second in (1_000, 1, 1_000_000):  # most are milliseconds
        if EARLIEST * per_second <= number < LATEST * per_second:
            seconds, rest = divmod(number, per_second)
            return EPOCH + timedelta(0, seconds, rest * (1_000_000 // per_second))
    return None


def _iso(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found.timestamp() < LATEST else None
