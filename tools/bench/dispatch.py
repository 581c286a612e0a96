"""How fast a base leaves: distinct rows, distinct rows at 100 ms, the loop with its callbacks, one content for all."""

import time
from collections.abc import Iterator
from typing import Any

from providers.states import State
from tools.bench import bare, cpu, plain_run
from tools.bench.figures import Figure, at_least
from tools.bench.stage import Span, Stage, alike, distinct
from tools.waiting import TooLateError

DISTINCT = 20_000
SAME = 100_000
PLAIN = 2_000
LOOP_SECONDS = 300.0

READ_OF_BASE = """
SELECT coalesce(sum(n), 0) FROM (
    SELECT n FROM providers_tally WHERE batch = %s AND state = %s
    UNION ALL SELECT n FROM providers_tallydelta WHERE batch = %s AND state = %s
) AS counts
"""


def sent(stage: Stage, lines: list[str]) -> tuple[Span, dict[str, Any]]:
    """One base from its start until the simulator took all of it; beside the span, who used the CPU."""
    base = stage.upload(lines)
    before = cpu.seconds(stage.installation, stage.wavy)
    stage.start(base)
    span = stage.until_taken(len(lines))
    used = cpu.spent(before, cpu.seconds(stage.installation, stage.wavy))
    stage.until_finished(base)
    stage.forget()
    return span, {"rows": len(lines), "seconds": (span.last - span.first) / 1000, "cpu_seconds": used}


def bare_rate(stage: Stage, count: int) -> float:
    """The bare client loop over the same rows, messages a second."""
    bare.send(bare.bodies(stage.wavy.url, count))
    span = stage.span()
    stage.forget()
    return span.per_second


def distinct_rows(stage: Stage) -> Iterator[Figure]:
    """Against a bare client loop (the better of one before and one after) and against plain Celery and ORM."""
    stage.wavy.switch(callbacks_off=True)
    count = stage.rows(DISTINCT)
    stage.warm_up()
    bare_rate(stage, stage.rows(1_000))
    loops = [bare_rate(stage, count)]
    span, more = sent(stage, distinct(count))
    loops.append(bare_rate(stage, count))
    plain = plain_run.rate(stage, stage.rows(PLAIN))
    yield Figure(
        "dispatch_distinct",
        span.per_second,
        "messages/s",
        max(loops),
        at_least(value=2_000, ratio=0.5, times_plain=15),
        {"plain": round(plain, 1), "times_plain": round(span.per_second / plain, 1), **more},
    )


def distinct_rows_100ms(stage: Stage) -> Iterator[Figure]:
    """The same, each answer coming after 100 ms; the bare loop with the same 64 in flight beside it."""
    stage.wavy.switch(callbacks_off=True)
    stage.warm_up()
    stage.wavy.switch(latency_ms=100)
    count = stage.rows(DISTINCT)
    span, more = sent(stage, distinct(count))
    baseline = bare_rate(stage, count)
    yield Figure(
        "dispatch_distinct_100ms", span.per_second, "messages/s", baseline, at_least(value=1_500), more
    )


def same_content(stage: Stage) -> Iterator[Figure]:
    """One content for all: recipients share requests."""
    stage.wavy.switch(callbacks_off=True)
    stage.warm_up()
    span, more = sent(stage, alike(stage.rows(SAME)))
    yield Figure("dispatch_same", span.per_second, "recipients/s", must=at_least(value=10_000), more=more)


def full_loop(stage: Stage) -> Iterator[Figure]:
    """From the first request until the last message is known to be read, three callbacks a message."""
    stage.installation.connect(stage.wavy)
    stage.warm_up()
    count = stage.rows(DISTINCT)
    base = stage.upload(distinct(count))
    before = cpu.seconds(stage.installation, stage.wavy)
    stage.start(base)
    ended = _until_read(stage, base, count)
    used = cpu.spent(before, cpu.seconds(stage.installation, stage.wavy))
    span = stage.span()
    seconds = ended - span.first / 1000
    more = {"rows": count, "seconds": round(seconds, 2), "sent_per_second": round(span.per_second, 1)}
    yield Figure(
        "full_loop",
        count / seconds,
        "messages/s",
        must=at_least(value=1_000),
        more={**more, "callbacks": stage.wavy.totals()["callbacks"]["items"], "cpu_seconds": used},
    )


def _until_read(stage: Stage, base: int, count: int) -> float:
    """Epoch seconds at which the tally of the base counts so many as read."""
    deadline = time.monotonic() + LOOP_SECONDS
    read = int(State.READ)
    with stage.installation.database() as database:
        while time.monotonic() < deadline:
            (n,) = database.execute(READ_OF_BASE, [base, read, base, read]).fetchone() or (0,)
            if n >= count:
                return time.time()
            time.sleep(0.1)
    raise TooLateError(f"{n} of {count} are read after {LOOP_SECONDS} s")
