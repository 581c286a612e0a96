"""Whether the pace holds to the second: two bases of one dialer in two worker processes, single and grouped."""

import time
from collections.abc import Callable, Iterator

from tools.bench.figures import Figure, at_least, at_most
from tools.bench.stage import Stage, alike, distinct

PACE = 80
SECONDS = 60
MOST = 88
BASES = 2
SLACK_SECONDS = 6  # the first and the last second are not whole ones, and a start takes a moment

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
    whole = _whole_seconds(stage, seconds)
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
        (*at_least(ratio=0.95), *at_most(ratio=1.05, highest_second=MOST)),
        {
            "content": content, "highest_second": max(whole), "lowest_second": min(whole), "seconds": len(whole),
            "requests": requests,
        },
    )  # fmt: skip


def _whole_seconds(stage: Stage, seconds: int) -> list[int]:
    """What was taken in each of so many whole seconds after the one in which the first message came."""
    while not (first := stage.span().first):
        time.sleep(0.1)
    begin = first // 1000 + 1
    time.sleep(max(0.0, begin + seconds + 0.5 - time.time()))
    counts = stage.wavy.totals()["accepted_by_second"]
    return [counts.get(str(second), 0) for second in range(begin, begin + seconds)]
