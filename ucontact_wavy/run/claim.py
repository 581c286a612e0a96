"""What `make run` makes sure of before it starts anything: VAR_DIR and the ports are its own."""

import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from ucontact_wavy.embedded.locks import lock_now, open_lock_file
from ucontact_wavy.embedded.processes import all_with_environment, wait_for_end
from ucontact_wavy.run.child import MARK
from ucontact_wavy.run.errors import RunError

PORTS = {"PORT": 8000, "PUSH_PORT": 8001, "SIMULATOR_PORT": 8099}
END_SECONDS = 5.0


def claim(var_dir: Path) -> int:
    """Lock VAR_DIR for this run. The lock lasts until the returned descriptor is closed."""
    path = var_dir / "run.lock"
    descriptor = open_lock_file(path)
    if not lock_now(descriptor):
        pid = path.read_text().strip() or "unknown"
        os.close(descriptor)
        raise RunError(f"Already running on {var_dir}, as process {pid}. Stop that one, or set VAR_DIR.")
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def end_leftovers(var_dir: Path) -> None:
    """End what a killed run left alive; under the claim, nothing of it can be another run's."""
    left = all_with_environment({"VAR_DIR": str(var_dir)}, MARK)
    for process in left:
        process.send(signal.SIGKILL)
    wait_for_end(left, END_SECONDS)


def ports(environ: Mapping[str, str]) -> dict[str, int]:
    """The ports by the name of their variable, all of them free. Raises RunError."""
    found: dict[str, int] = {}
    for name, default in PORTS.items():
        text = environ.get(name) or str(default)
        if not text.isdigit() or not 0 < int(text) < 65536:
            raise RunError(f"{name}={text} is not a port. Set a number from 1 to 65535.")
        if int(text) in found.values():
            raise RunError(f"{name}={text} is used twice. Set {' and '.join(PORTS)} to different numbers.")
        check_free(name, int(text))
        found[name] = int(text)
    return found


def check_free(name: str, port: int) -> None:
    """Raise RunError if something listens on the port, or we may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RunError(
                f"Port {port} cannot be had ({error.strerror}). Set {name} to a free one."
            ) from error
