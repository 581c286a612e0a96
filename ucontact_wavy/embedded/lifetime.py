"""How long the embedded servers live: from the first process that needs them to the last."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ucontact_wavy.embedded import postgres, redis_server
from ucontact_wavy.embedded.account import choose
from ucontact_wavy.embedded.console import Say, say_on_stderr
from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.layout import Layout, make_var_dir
from ucontact_wavy.embedded.leftovers import postmaster
from ucontact_wavy.embedded.locks import exclusive, lock_now, open_lock_file, share


@dataclass(frozen=True)
class Urls:
    """Where the servers are, spelt as DATABASE_URL and REDIS_URL are; None for one that was not asked for."""

    database: str | None
    redis: str | None

    def environment(self) -> dict[str, str]:
        """The variables that lead a program to the servers."""
        found = {"DATABASE_URL": self.database, "REDIS_URL": self.redis}
        return {name: value for name, value in found.items() if value is not None}


class EmbeddedServers:
    """One process's share in the servers under a VAR_DIR.

    `servers.lock` is held while somebody starts or stops them; `users.lock` is shared by all who use them,
    and the kernel gives it back even for a process that was killed.
    """

    def __init__(
        self, var_dir: Path, *, postgres: bool = True, redis: bool = True, say: Say = say_on_stderr
    ) -> None:
        self.var_dir = make_var_dir(var_dir)
        self.with_postgres = postgres
        self.with_redis = redis
        self.say = say
        self.users: int | None = None
        self.started: list[subprocess.Popen[bytes]] = []

    @cached_property
    def layout(self) -> Layout:
        account = choose(self.var_dir / "postgres")
        return Layout(self.var_dir, sockets_outside=not account.enters(self.var_dir))

    def enter(self) -> Urls:
        """Join the servers, starting those that do not run. Raises EmbeddedError."""
        with exclusive(self.var_dir / "servers.lock"):
            self.users = open_lock_file(self.var_dir / "users.lock")
            share(self.users)
            try:
                return self.ensure()
            except PermissionError as error:
                raise EmbeddedError(
                    f"{error.filename} belongs to another user. Start as them, or set VAR_DIR."
                ) from error

    def revive(self) -> None:
        """Start again what died in the meantime. Raises EmbeddedError."""
        with exclusive(self.var_dir / "servers.lock"):
            self.ensure()

    def running(self) -> bool:
        """Whether the servers that were asked for are there, without waiting for anything."""
        layout = self.layout
        with_redis = not self.with_redis or redis_server.answers(layout)
        return with_redis and (not self.with_postgres or postmaster(layout) is not None)

    def ensure(self) -> Urls:
        layout = self.layout
        self.keep(redis_server.ensure(layout) if self.with_redis else None)
        self.keep(postgres.ensure(layout, self.say) if self.with_postgres else None)
        return Urls(
            database=postgres.url(layout) if self.with_postgres else None,
            redis=redis_server.url(layout) if self.with_redis else None,
        )

    def keep(self, process: subprocess.Popen[bytes] | None) -> None:
        """Remember a server that we started, and take notice of those that ended, which only we can."""
        started = [*self.started, process] if process else self.started
        self.started = [server for server in started if server.poll() is None]

    def leave(self) -> None:
        """Give the share back; the last one out stops the servers."""
        if self.users is None:
            return
        with exclusive(self.var_dir / "servers.lock"):
            if lock_now(self.users):
                layout = self.layout
                redis_server.stop(layout)
                postgres.stop(layout, self.say)
            self.keep(None)
            os.close(self.users)
            self.users = None


@contextmanager
def hold(var_dir: Path, *, postgres: bool = True, redis: bool = True) -> Iterator[Urls]:
    """The embedded servers for the length of a block; both, or the one that is asked for."""
    servers = EmbeddedServers(var_dir, postgres=postgres, redis=redis)
    try:
        yield servers.enter()
    finally:
        servers.leave()
