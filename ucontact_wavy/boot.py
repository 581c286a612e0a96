"""What every command does before Django: the secrets of VAR_DIR and, unless told of others, the servers."""

import os
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ucontact_wavy import secret_file
from ucontact_wavy.embedded import hold

BASE_DIR = Path(__file__).resolve().parent.parent
WITHOUT_SERVERS = {"", "help", "version", "makemessages", "compilemessages"}
# For commands that read the settings and neither connect nor sign anything.
UNUSED = {
    "SECRET_KEY": "unused",
    "FIELD_KEYS": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "DATABASE_URL": "postgresql://unused@127.0.0.1:1/unused",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def var_dir_of(environ: MutableMapping[str, str]) -> Path:
    """VAR_DIR as an absolute path: the variable, else `var` in the checkout."""
    return Path(environ.get("VAR_DIR") or BASE_DIR / "var").resolve()


def fill(environ: MutableMapping[str, str], values: dict[str, str]) -> None:
    """Set what is unset or empty; a variable that is already set wins."""
    for name, value in values.items():
        if not environ.get(name):
            environ[name] = value


def needs_servers(arguments: Sequence[str]) -> bool:
    """Whether `manage.py arguments…` touches the database, as all but a few do."""
    first = next((argument for argument in arguments if not argument.startswith("-")), "")
    return first not in WITHOUT_SERVERS and not {"-h", "--help", "--version"} & set(arguments)


@contextmanager
def prepared(arguments: Sequence[str], environ: MutableMapping[str, str] = os.environ) -> Iterator[None]:
    """`environ` complete for the command, and the servers up, for the length of the block.

    Raises MissingSecretError, EmbeddedError.
    """
    var_dir = var_dir_of(environ)
    environ["VAR_DIR"] = str(var_dir)
    if not needs_servers(arguments):
        fill(environ, UNUSED)
        yield
        return
    fill(environ, secret_file.load(var_dir))
    secret_file.require(environ, var_dir)
    wanted = {name: not environ.get(name) for name in ("DATABASE_URL", "REDIS_URL")}
    if not any(wanted.values()):
        yield
        return
    with hold(var_dir, postgres=wanted["DATABASE_URL"], redis=wanted["REDIS_URL"]) as urls:
        fill(environ, urls.environment())
        yield
