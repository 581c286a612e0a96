"""Where the time goes: seconds of CPU by program of the installation, and of the simulator."""

from collections import Counter
from contextlib import suppress

import psutil

from tools.installation import Installation
from tools.wavy import Wavy
from ucontact_wavy.embedded.processes import all_postgres_in
from ucontact_wavy.run.child import MARK


def seconds(installation: Installation, wavy: Wavy, bare: psutil.Process | None = None) -> dict[str, float]:
    """What each program used so far, with all of its processes; `bare` is a server beside them."""
    used: Counter[str] = Counter()
    database = [process.handle for process in all_postgres_in(installation.layout().data)]
    own = {*installation.processes(), *database, psutil.Process(wavy.process.pid)}
    beside = {bare, *bare.children(recursive=True)} if bare else set()
    for process in own | beside:
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            times = process.cpu_times()
            # Those of children that ended count for their parent: a backend of PostgreSQL, a worker's process.
            used["bare" if process in beside else _name(process, wavy)] += sum(times[:4])
    return dict(used)


def _name(process: psutil.Process, wavy: Wavy) -> str:
    if process.pid == wavy.process.pid:
        return "wavy"
    name: str = process.name()
    if name.startswith(("postgres", "redis")):
        return "postgres" if name.startswith("postgres") else "redis"
    return str(process.environ().get(MARK) or "run")


def spent(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """The difference, largest first, without what did nothing."""
    differences = {name: round(after[name] - before.get(name, 0), 2) for name in after}
    return {name: n for name, n in sorted(differences.items(), key=lambda pair: -pair[1]) if n >= 0.05}
