"""Who acts just now: the person of the request, a command, or nobody but the program itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.http import HttpRequest

from accounts.acts import Via

Key = tuple[int, str]  # content type, primary key


@dataclass(slots=True)
class Doer:
    """Whoever acts. The request's user is looked up when something is written: the API knows it later than the door.

    `written` remembers what this request or command wrote of each object, so that one act is one entry.
    """

    via: Via = Via.SYSTEM
    request: HttpRequest | None = None
    name: str = ""
    address: str | None = None
    cid: str = field(default_factory=lambda: uuid4().hex)
    written: dict[Key, int] = field(default_factory=dict)

    @property
    def user(self) -> Any:
        """The signed-in person, or None."""
        user = getattr(self.request, "user", None)
        return user if getattr(user, "is_authenticated", False) else None


_doer: ContextVar[Doer | None] = ContextVar("doer", default=None)


def doer() -> Doer:
    """Whoever acts; the program itself where nobody else was named."""
    return _doer.get() or Doer()


@contextmanager
def acting(one: Doer) -> Iterator[Doer]:
    """What happens inside is this one's doing."""
    token = _doer.set(one)
    try:
        yield one
    finally:
        _doer.reset(token)


@contextmanager
def by_command(name: str) -> Iterator[None]:
    """What happens inside is done by `manage.py name`. Also a decorator."""
    with acting(Doer(Via.COMMAND, name=f"manage.py {name}")):
        yield
