"""What people do with bases, written down under the names of their dialer and file."""

from datetime import datetime

from accounts.acts import Act
from accounts.audit import Changes, record, record_many
from accounts.models import User
from dialers.models import Base


def name(base: Base) -> str:
    """How a base is called where it stands among others."""
    return f"{base.dialer.name} · {base.name}"


def note(
    base: Base, act: Act, before: str = "", user: User | None = None, changes: Changes | None = None
) -> None:
    """An act on a base; `before`: its state until then."""
    states = {"state": (before, str(base.state))} if before else {}
    record(base, act, {**states, **(changes or {})}, user, name(base))


def note_many(base: Base, act: Act, n: int, user: User | None) -> None:
    """An act on `n` of its messages."""
    record_many(base, act, n, user, name(base))


def time(at: datetime | None) -> str | None:
    """A time as it is written down."""
    return at.isoformat() if at else None
