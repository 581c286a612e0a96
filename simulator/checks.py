"""Small checks of JSON values; each raises `BadRequestError` with the place and what belongs there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from simulator.wire import BadRequestError, Json


def an_object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise BadRequestError(f"{where} must be an object.")
    return value


def a_text(value: Any, where: str, longest: int = 0) -> str:
    """A text that is not empty and, when `longest` is given, no longer than that."""
    if not isinstance(value, str) or not value.strip():
        raise BadRequestError(f"{where} must be a text that is not empty.")
    if longest and len(value) > longest:
        raise BadRequestError(f"{where} must not be longer than {longest} characters; it has {len(value)}.")
    return value


def a_list(value: Any, where: str, fewest: int, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequestError(f"{where} must be an array.")
    if len(value) < fewest or (most and len(value) > most):
        bounds = f"{fewest} to {most}" if most else f"at least {fewest}"
        raise BadRequestError(f"{where} must have {bounds} entries; it has {len(value)}.")
    return value


def only(data: Json, where: str, allowed: Collection[str]) -> None:
    """Refuses keys that nobody knows, since a misspelt key is otherwise silently ignored."""
    for key in data:
        if key not in allowed:
            raise BadRequestError(
                f"{where} has the unknown key {key!r}; these are known: {', '.join(sorted(allowed))}."
            )


def optional_texts(data: Json, where: str, *names: str, longest: int = 0) -> None:
    for name in names:
        value = data.get(name)
        if value is not None and (not isinstance(value, str) or (longest and len(value) > longest)):
            limit = f" of at most {longest} characters" if longest else ""
            raise BadRequestError(f"{where}.{name} must be a text{limit}.")
