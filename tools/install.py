"""Makes .venv and installs the lock into it; does nothing when that was done already. Runs on plain Python."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# Settings of a person's own pip that would send packages elsewhere than into the .venv.
MISLEADING = (
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "PIP_CONSTRAINT",
    "PIP_DRY_RUN",
    "PYTHONHOME",
    "PYTHONPATH",
)
OVERRULING = {
    "PIP_USER": "0",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}


def place() -> str:
    """The interpreter and the checkout; a .venv does not survive a change of either."""
    return f"\n{sys.version}\n{ROOT}\n"


def stamp(lock: Path) -> str:
    """What an installation depends on."""
    return lock.read_text() + place()


def is_done(lock: Path) -> bool:
    """Whether this lock, or the development lock that contains it, is installed as it is now."""
    done = VENV / f"installed-{lock.name}"
    return PYTHON.exists() and done.exists() and done.read_text() == stamp(lock)


def pip_environment() -> dict[str, str]:
    """The environment for pip: its index and certificates stay as they are set on this machine."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return {**kept, **OVERRULING}


def install(lock: Path) -> None:
    """Install every package of the lock, into a new .venv unless the one that is there belongs here."""
    stamps = list(VENV.glob("installed-*"))
    moved = any(not old.read_text().endswith(place()) for old in stamps)
    venv.create(VENV, with_pip=True, symlinks=True, clear=moved)
    for old in stamps:
        old.unlink(missing_ok=True)
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--require-hashes", "--requirement", str(lock)]
    subprocess.run(command, check=True, env=pip_environment())
    packages = sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)})
    (Path(packages) / "ucontact-wavy.pth").write_text(f"{ROOT}\n")
    (VENV / f"installed-{lock.name}").write_text(stamp(lock))


def main() -> int:
    if sys.version_info < OLDEST:
        sys.stderr.write(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Set PYTHON=…\n")
        return 1
    run, development = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    wanted = development if "--dev" in sys.argv else run
    if is_done(wanted) or is_done(development):
        return 0
    sys.stdout.write("Installing the packages into .venv\n")
    sys.stdout.flush()
    try:
        install(wanted)
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"The packages could not be installed (pip's exit status {error.returncode}).\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
