"""Decides as whom PostgreSQL runs: it refuses root, and a closed checkout is out of other accounts' reach."""

import filecmp
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ucontact_wavy.embedded.binaries import PostgresPrograms
from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.layout import Layout

NAMESPACE = ("unshare", "--user")
FALLBACK_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs PostgreSQL: ourselves, ourselves without root's name (`prefix`), or the account `uid`."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    @property
    def is_self(self) -> bool:
        return not self.is_other and not self.prefix

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        output: int,
        environ: dict[str, str],
        keep: Sequence[int] = (),
    ) -> subprocess.Popen[bytes]:
        """Start `command` in a process group of its own, so that a Ctrl-C at the terminal does not reach it.

        `output`: the descriptor that gets what it writes; `keep`: descriptors it inherits as they are.
        """
        return subprocess.Popen(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environ,
            pass_fds=keep,
            process_group=0,
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def enters(self, folder: Path) -> bool:
        """Whether it can reach `folder` by its path."""
        return os.access(folder, os.X_OK) if self.is_self else self.can("test", "-x", str(folder))

    def can(self, *command: str) -> bool:
        """Whether a short command ends well when it runs as this account."""
        try:
            process = self.start(command, cwd=Path("/"), output=subprocess.DEVNULL, environ=dict(os.environ))
        except OSError:
            return False
        return process.wait() == 0


def unprivileged() -> Account:
    """An account of this machine that may run servers and owns little else."""
    for name in FALLBACK_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this machine has neither user namespaces nor an account "
        "`postgres` or `nobody`. Start as an ordinary user, or set DATABASE_URL."
    )


def choose(data: Path) -> Account:
    """Whose name PostgreSQL runs under: an ordinary user's own; under root, whoever owns `data` already."""
    own = Account(os.geteuid(), os.getegid())
    if own.uid != 0:
        return own
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    inside = Account(own.uid, own.gid, NAMESPACE)
    return inside if shutil.which(NAMESPACE[0]) and inside.can("true") else unprivileged()


def reachable_programs(account: Account, installed: PostgresPrograms, layout: Layout) -> PostgresPrograms:
    """The programs where `account` can run them: as installed, else a copy of them."""
    if account.can(installed.postgres, "--version"):
        return installed
    copied = copy_programs(installed, layout.programs)
    if not account.can(copied.postgres, "--version"):
        raise EmbeddedError(
            f"PostgreSQL does not run from {copied.home} as user {account.uid}. Set DATABASE_URL."
        )
    return copied


def copy_programs(installed: PostgresPrograms, target: Path) -> PostgresPrograms:
    """Copy programs and libraries, side by side as in the wheel, into `target`, which only we may write."""
    copied = PostgresPrograms(
        home=target / installed.home.parent.name / installed.home.name,
        libraries=target / installed.libraries.name,
    )
    if target.exists():
        if target.is_symlink() or target.stat().st_uid != os.geteuid():
            raise EmbeddedError(f"{target} belongs to another user. Remove it and start again.")
        if os.path.exists(copied.postgres) and filecmp.cmp(installed.postgres, copied.postgres):
            return copied
        shutil.rmtree(target)
    half = target.with_name(f"{target.name}.{os.getpid()}")
    half.mkdir()
    shutil.copytree(installed.libraries, half / copied.libraries.relative_to(target), symlinks=True)
    shutil.copytree(installed.home, half / copied.home.relative_to(target), symlinks=True)
    open_for_reading(half)
    half.rename(target)
    return copied


def open_for_reading(folder: Path) -> None:
    """Let everybody read and run what is in `folder`, whatever the umask was when it was written."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


@contextmanager
def reachable(folder: Path, account: Account) -> Iterator[tuple[str, list[int]]]:
    """A path by which `account` enters `folder`, and the descriptors to keep for it.

    Where a parent folder is closed to the account, the path goes through an open descriptor: that needs no
    parent, so neither another place nor a changed mode.
    """
    if account.can("test", "-w", str(folder), "-a", "-x", str(folder)):
        yield str(folder), []
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", [descriptor]
    finally:
        os.close(descriptor)


def give(folder: Path, account: Account) -> None:
    """Make `account` the owner of `folder` and everything in it."""
    if folder.stat().st_uid == account.uid:
        return
    for root, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            os.chown(os.path.join(root, name), account.uid, account.gid, follow_symlinks=False)
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
