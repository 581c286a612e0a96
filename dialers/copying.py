"""COPY in a thread of its own, so that the next lines are read while PostgreSQL takes the last ones."""

import json
import sys
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from django.db import connection

from dialers.lines import Draft

ROWS = "COPY dialers_row (base_id, line, contact, address, priority, kind, content, state, extra) FROM STDIN"
BAD = "COPY dialers_invalidline (base_id, line, code, reason, text) FROM STDIN"
SWITCH_SECONDS = 0.0002  # after which a thread that reads lines lets the copying one by
DEPTH = 3  # blocks that wait at most: memory stays flat
NULL = "\\N"


def escaped(value: str) -> str:
    """A value as COPY's text format has it."""
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def as_json(value: Any) -> str:
    """A JSON value as COPY's text format has it."""
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


def row(base_id: int, draft: Draft) -> str:
    """A valid line as COPY takes it."""
    extra = as_json(draft.extra) if draft.extra else NULL
    return (
        f"{base_id}\t{draft.line}\t{draft.contact}\t{draft.address}\t{draft.priority}\t{draft.kind}"
        f"\t{as_json(draft.content)}\t0\t{extra}\n"
    )


def bad_line(base_id: int, number: int, code: str, reason: str, text: str) -> str:
    """An invalid line as COPY takes it."""
    return f"{base_id}\t{number}\t{code}\t{escaped(reason)}\t{escaped(text.replace(chr(0), ''))}\n"


class Copier:
    """Blocks go through the connection of the surrounding transaction, in order.

    Whoever uses the connection meanwhile calls `flush` first. What PostgreSQL refused is raised by the next call.
    """

    def __init__(self) -> None:
        connection.ensure_connection()
        self._raw: Any = connection.connection
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="copy")
        self._jobs: deque[Future[None]] = deque()

    def __enter__(self) -> "Copier":
        # With Python's own 5 ms PostgreSQL waits for this thread to let go of the interpreter at every write.
        self._patience = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            sys.setswitchinterval(self._patience)
            self._pool.shutdown(wait=True, cancel_futures=True)

    def put(self, statement: str, lines: Iterable[str]) -> None:
        """Has the lines copied; waits only while DEPTH blocks are still to do."""
        data = "".join(lines)
        if not data:
            return
        self._jobs.append(self._pool.submit(self._copy, statement, data.encode()))
        while len(self._jobs) > DEPTH:
            self._settle()

    def flush(self) -> None:
        """Returns when everything so far is in, and the connection is free."""
        while self._jobs:
            self._settle()

    def _settle(self) -> None:
        with connection.wrap_database_errors:
            self._jobs.popleft().result()

    def _copy(self, statement: str, data: bytes) -> None:
        with self._raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(data)
