"""Sending a chunk: gate, commit `submitting`, requests in flight, outcomes in bulk. Nothing is sent twice."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from providers import gate, http, ledger
from providers.accounts import account_of
from providers.drivers import driver_for
from providers.drivers.base import Content, Hsm, Outcome, Recipient, Text, Verdict
from providers.ledger import Move
from providers.models import Message, Provider
from providers.models.message import Kind
from providers.models.provider import MOST_RECIPIENTS
from providers.states import State
from providers.statuses import apply_waiting
from providers.suspension import suspend

# Its threads keep their connections open from chunk to chunk; it holds no rate and no state.
_pool = ThreadPoolExecutor(64, thread_name_prefix="wire")

IN_FLIGHT = 32  # requests
MOST_IN_FLIGHT = 1000  # messages: what a power cut can leave unconfirmed
GATHER_SECONDS = 0.02  # answers that come this close together are recorded together
# Fewer messages than this asked for patience: an odd answer, of which a long base sees many.
FEW_SLOWED = 8
# A wait that uses no attempt: long enough not to hammer, short enough that an operator sees it move.
UNREACHABLE_WAIT = timedelta(seconds=5)
CREDENTIALS_WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """For what is known not to have left: how many attempts in all, and how long to wait between them."""

    attempts: int = 3
    retry_after: timedelta = timedelta(seconds=5)


@dataclass(slots=True)
class Report:
    """How a chunk went: messages per verdict."""

    verdicts: dict[Verdict, int] = field(default_factory=dict)
    gated: int = 0

    def saw(self, verdict: Verdict) -> bool:
        return self.verdicts.get(verdict, 0) > 0

    @property
    def overrun(self) -> bool:
        """Whether the provider asks for patience in earnest: a quarter of the messages at least, and not just a few."""
        slowed = self.verdicts.get(Verdict.SLOW_DOWN, 0)
        return slowed >= FEW_SLOWED and slowed * 4 >= sum(self.verdicts.values())

    @property
    def must_stop(self) -> bool:
        """Whether more of the same would only be turned away."""
        return self.overrun or self.saw(Verdict.NOT_SENT) or self.saw(Verdict.CREDENTIALS)


def content_of(message: Message) -> Content:
    """The wire's content of a ledger row."""
    if message.kind == Kind.HSM:
        content = message.content
        language = content.get("language", "")
        return Hsm(content["code"], language, tuple(content["parameters"]), content.get("ttl"))
    return Text(message.content["text"])


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
    report = Report()
    passed = _through_the_gate(provider, messages, clock(), external, report)
    by_correlation = {str(message.correlation_id): message for message in passed}
    recorder = _Recorder(provider, by_correlation, clock, policy, report)
    lane = _Lane(provider, report)
    waiting = deque(_grouped(passed, provider.recipients_per_request or MOST_RECIPIENTS))
    while waiting or lane.running:
        if waiting and (report.must_stop or not may_go_on()):
            waiting.clear()
        step = lane.room_for(waiting)
        if step:
            keys = [by_correlation[one.correlation_id].pk for _, group in step for one in group]
            lease = clock() + timedelta(seconds=settings.SUBMITTING_LEASE_SECONDS)
            lane.launch(step, _left(by_correlation, ledger.submit(keys, lease, clock())))
        outcomes, turned_away = lane.collect()
        recorder.record(outcomes)
        waiting.extendleft(recorder.put_back(turned_away))
    return report


def _left(by_correlation: dict[str, Message], keys: Sequence[int]) -> set[str]:
    submitted = set(keys)
    return {key for key, message in by_correlation.items() if message.pk in submitted}


def _through_the_gate(
    provider: Provider, messages: Sequence[Message], now: datetime, external: bool, report: Report
) -> list[Message]:
    candidates = [
        gate.Candidate(message.pk, message.contact, message.address, message.kind, message.content)
        for message in messages
    ]
    keys = frozenset(message.pk for message in messages) if external else frozenset()
    refused = gate.check(provider, candidates, now, external=keys)
    report.gated = ledger.refuse(refused, now)
    return [message for message in messages if message.pk not in refused]


Group = tuple[Content, list[Recipient]]


def _grouped(messages: Sequence[Message], most: int) -> Iterator[Group]:
    groups: dict[Content, list[Recipient]] = {}
    for message in messages:
        recipient = Recipient(message.address, str(message.correlation_id))
        groups.setdefault(content_of(message), []).append(recipient)
    for content, recipients in groups.items():
        # Two messages to one number never share a request: an answer could not be told apart.
        for share in _without_repeats(recipients):
            for start in range(0, len(share), most):
                yield content, share[start : start + most]


def _without_repeats(recipients: list[Recipient]) -> list[list[Recipient]]:
    shares: list[list[Recipient]] = []
    seen: dict[str, int] = {}
    for recipient in recipients:
        nth = seen.get(recipient.address, 0)
        seen[recipient.address] = nth + 1
        if nth == len(shares):
            shares.append([])
        shares[nth].append(recipient)
    return shares


class _Lane:
    """The requests in flight of one chunk."""

    def __init__(self, provider: Provider, report: Report) -> None:
        self.driver = driver_for(provider.api_type)
        self.account = account_of(provider)
        self.report = report
        self.running: set[Future[tuple[Group, list[Outcome]]]] = set()
        self.messages = 0

    def room_for(self, waiting: deque[Group]) -> list[Group]:
        """Takes the next groups off `waiting`, once a quarter of the lane is free."""
        step: list[Group] = []
        if self.running and len(self.running) > IN_FLIGHT * 3 // 4:
            return step
        while waiting and len(self.running) + len(step) < IN_FLIGHT:
            size = len(waiting[0][1])
            if self.messages and self.messages + size > MOST_IN_FLIGHT:
                break
            self.messages += size
            step.append(waiting.popleft())
        return step

    def launch(self, step: Sequence[Group], left: set[str]) -> None:
        """Sends those recipients of the groups that are committed as `submitting`."""
        for content, recipients in step:
            ours = [one for one in recipients if one.correlation_id in left]
            self.messages -= len(recipients) - len(ours)
            if ours:
                self.running.add(_pool.submit(self._one, (content, ours)))

    def _one(self, group: Group) -> tuple[Group, list[Outcome]]:
        content, recipients = group
        request = self.driver.build(self.account, content, recipients)
        return group, self.driver.read(http.send(request), recipients)

    def collect(self) -> tuple[list[Outcome], list[Group]]:
        """Waits for the next answers: their outcomes, and the groups that were turned away as such."""
        if not self.running:
            return [], []
        wait(self.running, return_when=FIRST_COMPLETED)
        done, self.running = wait(self.running, timeout=GATHER_SECONDS)
        ready: list[Outcome] = []
        turned_away: list[Group] = []
        for future in done:
            group, outcomes = future.result()
            self.messages -= len(outcomes)
            if outcomes[0].verdict is Verdict.SPLIT:
                turned_away.append(group)
            else:
                ready.extend(outcomes)
        return ready, turned_away


class _Recorder:
    """Writes outcomes to the ledger, in bulk, as they come in."""

    def __init__(
        self,
        provider: Provider,
        messages: dict[str, Message],
        clock: Callable[[], datetime],
        policy: RetryPolicy,
        report: Report,
    ) -> None:
        self.provider = provider
        self.messages = messages
        self.clock = clock
        self.policy = policy
        self.report = report

    def record(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        now = self.clock()
        moves: list[Move] = []
        waits: dict[tuple[datetime, str, str, bool], list[int]] = {}
        for outcome in outcomes:
            message = self.messages[outcome.correlation_id]
            verdicts = self.report.verdicts
            verdicts[outcome.verdict] = verdicts.get(outcome.verdict, 0) + 1
            wait_for = self._wait(outcome.verdict, message)
            if wait_for is None:
                moves.append(_move(message.pk, outcome, now))
            else:
                refund = outcome.verdict is not Verdict.RETRY
                waits.setdefault((now + wait_for, outcome.error, outcome.detail, refund), []).append(
                    message.pk
                )
        ledger.move(moves)
        for (not_before, error, detail, refund), keys in waits.items():
            ledger.requeue(keys, not_before, error=error, detail=detail, refund=refund)
        credentials = [outcome for outcome in outcomes if outcome.verdict is Verdict.CREDENTIALS]
        if credentials:
            suspend(self.provider, "credentials", now)
        self._retry_statuses(moves)

    def put_back(self, groups: Sequence[Group]) -> list[Group]:
        """Groups that were turned away did not leave: their messages are queued again. Returns the halves."""
        keys = [self.messages[one.correlation_id].pk for _, group in groups for one in group]
        if keys:
            ledger.requeue(keys, self.clock(), error="bad_request")
        return [
            (content, half)
            for content, group in groups
            for half in (group[: len(group) // 2], group[len(group) // 2 :])
        ]

    def _wait(self, verdict: Verdict, message: Message) -> timedelta | None:
        if verdict in (Verdict.NOT_SENT, Verdict.SLOW_DOWN):
            return UNREACHABLE_WAIT
        if verdict is Verdict.CREDENTIALS:
            return CREDENTIALS_WAIT
        # `attempts` was read before this one was counted.
        if verdict is Verdict.RETRY and message.attempts + 1 < self.policy.attempts:
            return self.policy.retry_after
        return None

    def _retry_statuses(self, moves: Sequence[Move]) -> None:
        ids = [move.provider_message_id for move in moves if move.provider_message_id]
        if ids:
            apply_waiting(self.provider, ids)


FINAL: dict[Verdict, tuple[State, str]] = {
    Verdict.ACCEPTED: (State.ACCEPTED, "accepted_at"),
    Verdict.REFUSED: (State.REFUSED, "refused_at"),
    Verdict.RETRY: (State.REFUSED, "refused_at"),
    Verdict.UNCERTAIN: (State.UNCERTAIN, "uncertain_at"),
}


def _move(message_id: int, outcome: Outcome, now: datetime) -> Move:
    state, stage = FINAL[outcome.verdict]
    times: dict[str, Any] = {stage: now}
    return Move(
        message_id,
        state,
        times,
        provider_message_id=outcome.provider_message_id,
        error=outcome.error,
        detail=outcome.detail,
    )
