"""Many values as one parameter of a statement: a long array costs its client several times as much."""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def records(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows for `json_to_recordset(%s)`; a key that is absent is NULL there."""
    return json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))


def texts(values: Iterable[str]) -> str:
    """Texts for `json_array_elements_text(%s)`."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


def bigints(values: Iterable[int]) -> str:
    """Whole numbers for `%s::bigint[]`."""
    return "{" + ",".join(map(str, values)) + "}"
