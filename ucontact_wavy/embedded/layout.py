"""Where the embedded servers keep their files, and the folder that their sockets live in."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ucontact_wavy.embedded.errors import EmbeddedError

SOCKET_PATH_LIMIT = 100  # bytes; the kernel's own limit is 103 on macOS and 107 on Linux
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"
# Not gettempdir(): every process must find the same folder, whatever its TMPDIR says.
SHORT_ROOT = Path("/tmp")  # noqa: S108 (owner and mode of what lies there are checked)


@dataclass(frozen=True)
class Layout:
    """The files of one VAR_DIR. `sockets_outside`: the servers cannot reach a socket folder within it."""

    var_dir: Path
    sockets_outside: bool = False

    @property
    def data(self) -> Path:
        return self.var_dir / "postgres"

    @property
    def redis(self) -> Path:
        return self.var_dir / "redis"

    @property
    def log(self) -> Path:
        return self.var_dir / "log"

    @property
    def short_name(self) -> str:
        digest = hashlib.sha256(os.fsencode(self.var_dir)).hexdigest()[:16]
        return f"ucontact-wavy-{digest}"

    @property
    def sockets(self) -> Path:
        """VAR_DIR/sockets, or a short folder under /tmp where that is too deep for a socket's name."""
        own = self.var_dir / "sockets"
        too_deep = len(os.fsencode(own)) + len(LONGEST_SOCKET_NAME) > SOCKET_PATH_LIMIT
        return SHORT_ROOT / self.short_name if too_deep or self.sockets_outside else own

    @property
    def programs(self) -> Path:
        """Where a copy of the PostgreSQL programs goes when its account cannot reach the installed ones."""
        return SHORT_ROOT / f"{self.short_name}-programs"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def make_var_dir(var_dir: Path) -> Path:
    """The absolute VAR_DIR, made if needed; closed to other users, as it holds people's data and secrets."""
    try:
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EmbeddedError(f"VAR_DIR {var_dir} cannot be made: {error.strerror}. Set VAR_DIR.") from error
    if not os.access(var_dir, os.R_OK | os.W_OK | os.X_OK):
        raise EmbeddedError(
            f"VAR_DIR {var_dir} belongs to another user. Set VAR_DIR to a folder of your own."
        )
    return var_dir.resolve()


def make_private(folder: Path, uid: int) -> None:
    """Make `folder` 0700 and owned by `uid`; refuse one that somebody else put there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = found.st_uid in {uid, os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or not ours or stat.S_IMODE(found.st_mode) & 0o077:
        raise EmbeddedError(f"{folder} is not a closed folder of this user. Remove it and start again.")
    if found.st_uid != uid:
        os.chown(folder, uid, -1, follow_symlinks=False)
