"""Tells a running PostgreSQL from what a killed one left behind, and clears the latter."""

import signal

from ucontact_wavy.embedded.errors import EmbeddedError
from ucontact_wavy.embedded.layout import Layout
from ucontact_wavy.embedded.processes import Process, all_postgres_in, find, wait_for_end

LEAVE_SECONDS = 3.0
QUIT_SECONDS = 5.0
KILL_SECONDS = 5.0


def pid_file(layout: Layout) -> list[str]:
    """The lines that the server wrote about itself; none if it wrote none."""
    try:
        return (layout.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise EmbeddedError(
            f"{layout.data} belongs to another user. Start as them, or set VAR_DIR."
        ) from error


def postmaster(layout: Layout) -> Process | None:
    """The server that runs on these data. A pid that some other program has by now does not count."""
    lines = pid_file(layout)
    process = find(int(lines[0])) if lines and lines[0].isdigit() else None
    return process if process is not None and process.is_postgres_in(layout.data) else None


def reports_ready(layout: Layout) -> bool:
    """Whether the server wrote that it takes connections, in the eighth line of its file."""
    lines = pid_file(layout)
    return len(lines) >= 8 and lines[7].strip() == "ready"


def clear(layout: Layout) -> None:
    """End the backends of a killed server and remove its pid, socket and lock files.

    A backend that outlives its postmaster holds the shared memory, and no new server starts beside it. Most
    leave by themselves at once; killing the rest is what a crash is, and recovery covers that.
    """
    orphans = wait_for_end(all_postgres_in(layout.data), LEAVE_SECONDS)
    for number, seconds in ((signal.SIGQUIT, QUIT_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        for process in orphans:
            process.send(number)
        orphans = wait_for_end(orphans, seconds)
    if orphans:
        pids = ", ".join(str(process.pid) for process in orphans)
        raise EmbeddedError(
            f"Processes {pids} of an earlier PostgreSQL on {layout.data} do not end. End them."
        )
    (layout.data / "postmaster.pid").unlink(missing_ok=True)
    for stale in layout.sockets.glob(".s.PGSQL.*"):
        stale.unlink(missing_ok=True)
