"""Whether the pace holds to the second: two bases of one dialer in two worker processes, single and grouped."""

import time
from collections.abc import Callable, Iterator

from providers.locks import Lock
from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage, alike, distinct

PACE = 80
SECONDS = 60
MOST = 88
BASES = 2
SLACK_SECONDS = 6  # the first and the last second are not whole ones, and a start takes a moment

SENDERS = "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s"

Lines = Callable[[int, int], list[str]]


def run(stage: Stage) -> Iterator[Figure]:
    """Counted by the simulator's clock in fixed seconds, the first and the last one left out."""
    stage.wavy.switch(callbacks_off=True)
    stage.warm_up()
    (provider,) = stage.installation.get("providers/?name=Wavy")["results"]
    stage.installation.done("PATCH", f"providers/{provider['id']}/", json={"messages_per_second": PACE})
    for content, lines in (("single", distinct), ("grouped", alike)):
        yield _figure(stage, content, lines)


def _figure(stage: Stage, content: str, lines: Lines) -> Figure:
    seconds = max(5, stage.rows(SECONDS))
    each = PACE * (seconds + SLACK_SECONDS) // BASES
    bases = [stage.upload(lines(each, n * each)) for n in range(BASES)]
    for base in bases:
        stage.start(base)
    begin = _first_whole_second(stage)
    workers = _workers_until(stage, begin + seconds + 0.5)
    counts = stage.wavy.totals()["accepted_by_second"]
    whole = [counts.get(str(second), 0) for second in range(begin, begin + seconds)]
    for base in bases:
        stage.installation.api("POST", f"bases/{base}/cancel/", "operator")
        stage.until_finished(base)
    requests = stage.wavy.totals()["requests"]
    stage.forget()
    return Figure(
        "pace",
        sum(whole) / len(whole),
        "messages/s",
        PACE,
        (*at_least(ratio=0.95, workers=BASES), *at_most(ratio=1.05, highest_second=MOST)),
        {
            "content": content, "highest_second": max(whole), "lowest_second": min(whole), "seconds": len(whole),
            "requests": requests, "workers": workers,
        },
    )  # fmt: skip


def _first_whole_second(stage: Stage) -> int:
    """The second after the one in which the first message came, in epoch seconds."""
    while not (first := stage.span().first):
        time.sleep(0.1)
    return first // 1000 + 1


def _workers_until(stage: Stage, end: float) -> int:
    """How many processes were sending at once, at the most, looked at twice a second until `end`."""
    most = 0
    with stage.installation.database() as database:
        while (left := end - time.time()) > 0:
            (senders,) = database.execute(SENDERS, [int(Lock.BASE)]).fetchone() or (0,)
            most = max(most, senders)
            time.sleep(min(left, 0.5))
    return most
