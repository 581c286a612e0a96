"""The benches by name, in the order in which they run."""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec

from tools.bench.figures import Figure
from tools.bench.stage import Stage

Run = Callable[[Stage], Iterator[Figure]]

BENCHES = {
    "import_base": "tools.bench.import_base:run",
    "dispatch_distinct": "tools.bench.dispatch:distinct_rows",
    "dispatch_distinct_100ms": "tools.bench.dispatch:distinct_rows_100ms",
    "full_loop": "tools.bench.dispatch:full_loop",
    "dispatch_same": "tools.bench.dispatch:same_content",
    "pace": "tools.bench.pace:run",
    "funnel": "tools.bench.funnel:run",
    "desk_page": "tools.bench.desk_page:run",
    "callback_intake": "tools.bench.callbacks:intake",
    "callback_latency": "tools.bench.callbacks:latency",
    "callback_apply": "tools.bench.applied:apply",
    "callback_large": "tools.bench.applied:large",
    "admin_lists": "tools.bench.admin_lists:run",
    "desk_live": "tools.bench.desk_live:run",
    "assign": "tools.bench.assign:run",
}


def find(name: str) -> Run | None:
    """The bench of this name; None where its module is not there."""
    module, _, function = BENCHES[name].partition(":")
    if find_spec(module) is None:
        return None
    run: Run = getattr(import_module(module), function)
    return run
