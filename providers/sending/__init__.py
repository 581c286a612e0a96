"""Sending: gate, commit `submitting`, requests in flight, outcomes in bulk. Nothing is sent twice."""

import queue
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from providers import gate, http, ledger, media_sent
from providers.drivers.base import Answer, Lost, Request
from providers.models import Message, Provider
from providers.sending.outcomes import Leaving, Report, RetryPolicy, leaving
from providers.sending.stream import MOST_IN_FLIGHT, Limits, Stream, lease

__all__ = [
    "MOST_IN_FLIGHT",
    "Leaving",
    "Limits",
    "Report",
    "RetryPolicy",
    "Stream",
    "lease",
    "leaving",
    "send_chunk",
    "through_the_gate",
]

# Its threads keep their connections open from chunk to chunk; it holds no rate and no state.
_pool = ThreadPoolExecutor(64, thread_name_prefix="wire")

IN_FLIGHT = 32  # requests


class ThreadWire:
    """Single requests through `providers.http`, a thread each."""

    def __init__(self) -> None:
        self._answers: queue.SimpleQueue[tuple[int, Answer | Lost]] = queue.SimpleQueue()

    def launch(self, requests: Iterable[tuple[int, Request]]) -> None:
        for key, request in requests:
            _pool.submit(self._one, key, request)

    def collect(self, timeout: float, enough: int = 1) -> list[tuple[int, Answer | Lost]]:
        found: list[tuple[int, Answer | Lost]] = []
        try:
            found.append(self._answers.get(timeout=timeout) if timeout else self._answers.get_nowait())
            while True:
                found.append(self._answers.get_nowait())
        except queue.Empty:
            return found

    def _one(self, key: int, request: Request) -> None:
        self._answers.put((key, http.send(request)))


def send_chunk(
    provider: Provider,
    messages: Sequence[Message],
    clock: Callable[[], datetime],
    *,
    policy: RetryPolicy,
    external: bool = False,
    may_go_on: Callable[[], bool] = lambda: True,
) -> Report:
    """Sends queued messages (with their contacts loaded) of one provider and records every outcome.

    `submitting` is committed for at most IN_FLIGHT requests and MOST_IN_FLIGHT messages ahead of what has
    left; before each step `may_go_on` is asked, and what it holds back stays queued. A group that was
    turned away goes again in halves, each a step of its own, until it names one. Call it outside any
    transaction.
    """
    stream = Stream(provider, ThreadWire(), Limits(IN_FLIGHT), clock, policy)
    stream.offer(through_the_gate(provider, messages, clock(), stream.report, external=external))
    while stream.busy:
        if stream.waiting and (stream.report.must_stop or not may_go_on()):
            stream.waiting.clear()
        stream.relaunch()
        stream.settle()
    return stream.report


def through_the_gate(
    provider: Provider,
    messages: Sequence[Message],
    now: datetime,
    report: Report,
    *,
    external: bool,
    capped: frozenset[int] = frozenset(),
) -> list[Leaving]:
    """Those of the queued messages that may leave; the others are refused with their reasons.

    `capped`: ids of those that need a place among what their people may get today.
    """
    candidates = [
        gate.Candidate(
            message.pk, message.contact, message.address, message.kind, message.content, message.opt_out
        )
        for message in messages
    ]
    keys = frozenset(message.pk for message in messages) if external else frozenset()
    refused = gate.check(provider, candidates, now, external=keys, capped=capped)
    for key, why in media_sent.without_file(messages).items():
        refused.setdefault(key, why)
    report.gated += ledger.refuse(refused, now)
    return [leaving(message) for message in messages if message.pk not in refused]
