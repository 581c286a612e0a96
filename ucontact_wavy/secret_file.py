"""Keeps the installation's own secrets in VAR_DIR/secrets.env, closed to other users."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet

NAMES = ("SECRET_KEY", "FIELD_KEYS")
FILE_NAME = "secrets.env"


class MissingSecretError(Exception):
    """A secret is neither in the environment nor in the file; the text says what to do."""


def load(var_dir: Path) -> dict[str, str]:
    """The secrets that the file holds, by name; none if there is no file."""
    path = var_dir / FILE_NAME
    try:
        text = path.read_text()
    except FileNotFoundError:
        return {}
    except PermissionError as error:
        raise MissingSecretError(
            f"{path} belongs to another user. Start as that user, or set VAR_DIR."
        ) from error
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, sign, value in lines if sign}


def create(var_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The secrets, after making up those that neither `environ` nor the file has."""
    kept = load(var_dir)
    made = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": Fernet.generate_key().decode()}
    missing = [name for name in NAMES if not kept.get(name) and not environ.get(name)]
    if not missing:
        return kept
    kept |= {name: made[name] for name in missing}
    fresh = var_dir / f"{FILE_NAME}.new"
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write("# Whoever reads this can sign in as anybody and decrypt the providers' passwords.\n")
        stream.writelines(f"{name}={value}\n" for name, value in kept.items())
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(var_dir / FILE_NAME)
    return kept


def require(environ: Mapping[str, str], var_dir: Path) -> None:
    """Raise MissingSecretError for a secret that `environ` lacks."""
    missing = [name for name in NAMES if not environ.get(name)]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise MissingSecretError(
            f"{' and '.join(missing)} {verb} not set, and not in {var_dir / FILE_NAME}. "
            "Run `make run` once: it makes and keeps them. Or set them."
        )
