"""Many values as one parameter of a statement: a long array costs its client several times as much."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson


def records(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows for `json_to_recordset(%s)`; a key that is absent is NULL there."""
    return orjson.dumps(list(rows)).decode()


def texts(values: Iterable[str]) -> str:
    """Texts for `json_array_elements_text(%s)`."""
    return orjson.dumps(list(values)).decode()


def bigints(values: Iterable[int]) -> str:
    """Whole numbers for `%s::bigint[]`."""
    return "{" + ",".join(map(str, values)) + "}"


def text_array(values: Iterable[str]) -> str:
    """Texts for `%s::text[]`, or for an array of what is written as text."""
    return "{" + ",".join(map(_quoted, values)) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
