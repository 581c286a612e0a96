"""Requests and replies as the simulator's handlers see them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

Json = dict[str, Any]
Act = Literal["answer", "reset"]


class BadRequestError(ValueError):
    """What was asked cannot be done; the text goes to the caller."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Request:
    """One HTTP request; header names are lower-case bytes."""

    method: str
    path: str
    query_string: str
    headers: dict[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name.encode(), b"").decode("utf-8", "replace")

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    def json(self) -> Any:
        """The body as JSON; raises `BadRequestError` when it is not JSON in UTF-8."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadRequestError(f"The body is not JSON: {error}") from error

    def json_object(self) -> Json:
        """The body as a JSON object, an empty body as `{}`; raises `BadRequestError` otherwise."""
        data = self.json() if self.body.strip() else {}
        if not isinstance(data, dict):
            raise BadRequestError("The body must be a JSON object.")
        return data


@dataclass(slots=True)
class Reply:
    """An answer; `delay` is in seconds, `reset` breaks the connection instead of answering."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    delay: float = 0.0
    act: Act = "answer"
    extra: str = ""


Handler = Callable[[Request], Reply | Awaitable[Reply]]


# One encoder for all: json.dumps would make a new one for every answer.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def json_reply(data: Any, status: int = 200) -> Reply:
    return Reply(status, _encode(data).encode())


def error_reply(status: int, message: str) -> Reply:
    """Wavy's own shape of an error."""
    return json_reply({"errorCode": status, "errorMessage": message}, status)
