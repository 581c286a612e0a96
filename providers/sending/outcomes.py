"""Recording outcomes: answers become states of the ledger, in bulk, as they come in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from providers import ledger, media_sent
from providers.drivers.base import Content, Hsm, Outcome, Text, Verdict
from providers.ledger import Move
from providers.models import Message, Provider
from providers.models.message import FILE_KINDS, Kind
from providers.states import State
from providers.statuses import apply_waiting
from providers.suspension import suspend

TURNED_AWAY = "bad_request"  # the error of messages whose request was turned away as a whole
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


@dataclass(slots=True)  # not frozen: making one would take five times as long
class Leaving:
    """A message on its way out. `attempts` are those that were counted before this one.

    `alone`: it shares no request, since one that it shared was turned away and nobody put it apart.
    """

    id: int
    correlation_id: str
    address: str
    content: Content
    attempts: int = 0
    alone: bool = False


@dataclass(slots=True)
class Report:
    """How it went: messages per verdict, and how many the gate held back."""

    verdicts: dict[Verdict, int] = field(default_factory=dict)
    gated: int = 0

    def saw(self, verdict: Verdict) -> bool:
        return self.verdicts.get(verdict, 0) > 0

    def count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            self.verdicts[outcome.verdict] = self.verdicts.get(outcome.verdict, 0) + 1

    @property
    def overrun(self) -> bool:
        """Whether the provider asks for patience in earnest: a quarter of the messages at least, and not just a few."""
        slowed = self.verdicts.get(Verdict.SLOW_DOWN, 0)
        return slowed >= FEW_SLOWED and slowed * 4 >= sum(self.verdicts.values())

    @property
    def must_stop(self) -> bool:
        """Whether more of the same would only be turned away."""
        return self.overrun or self.saw(Verdict.NOT_SENT) or self.saw(Verdict.CREDENTIALS)


def content_of(kind: str, content: dict[str, Any]) -> Content:
    """The wire's content of a ledger row's kind and content."""
    if kind == Kind.HSM:
        return Hsm(
            content["code"], content.get("language", ""), tuple(content["parameters"]), content.get("ttl")
        )
    return Text(content["text"])


def leaving(message: Message) -> Leaving:
    """A ledger row on its way out; with its media loaded where it has a file."""
    has_file = message.kind in FILE_KINDS
    content = media_sent.wire_content(message) if has_file else content_of(message.kind, message.content)
    alone = message.error == TURNED_AWAY
    return Leaving(message.pk, str(message.correlation_id), message.address, content, message.attempts, alone)


class Recorder:
    """Writes outcomes to the ledger of one provider."""

    def __init__(
        self, provider: Provider, clock: Callable[[], datetime], policy: RetryPolicy, report: Report
    ) -> None:
        self.provider = provider
        self.clock = clock
        self.policy = policy
        self.report = report

    def record(self, settled: Sequence[tuple[Leaving, Outcome]]) -> None:
        """Final outcomes move their messages; what is known not to have left waits for its next attempt."""
        if not settled:
            return
        now = self.clock()
        accepted: list[tuple[int, str]] = []
        moves: list[Move] = []
        waits: dict[tuple[datetime, str, str, bool], list[int]] = {}
        self.report.count([outcome for _, outcome in settled])
        for message, outcome in settled:
            if outcome.verdict is Verdict.ACCEPTED:
                accepted.append((message.id, outcome.provider_message_id))
                continue
            wait_for = self._wait(outcome.verdict, message)
            if wait_for is None:
                moves.append(_move(message.id, outcome, now))
            else:
                refund = outcome.verdict is not Verdict.RETRY
                key = (now + wait_for, outcome.error, outcome.detail, refund)
                waits.setdefault(key, []).append(message.id)
        ledger.accept(accepted, now)
        ledger.move(moves)
        for (not_before, error, detail, refund), keys in waits.items():
            ledger.requeue(keys, not_before, error=error, detail=detail, refund=refund)
        if any(outcome.verdict is Verdict.CREDENTIALS for _, outcome in settled):
            suspend(self.provider, "credentials", now)
        ids = [outcome.provider_message_id for _, outcome in settled if outcome.provider_message_id]
        if ids:
            apply_waiting(self.provider, ids)

    def _wait(self, verdict: Verdict, message: Leaving) -> timedelta | None:
        if verdict in (Verdict.NOT_SENT, Verdict.SLOW_DOWN):
            return UNREACHABLE_WAIT
        if verdict is Verdict.CREDENTIALS:
            return CREDENTIALS_WAIT
        if verdict is Verdict.RETRY and message.attempts + 1 < self.policy.attempts:
            return self.policy.retry_after
        return None


FINAL: dict[Verdict, tuple[State, str]] = {
    Verdict.ACCEPTED: (State.ACCEPTED, "accepted_at"),
    Verdict.REFUSED: (State.REFUSED, "refused_at"),
    Verdict.RETRY: (State.REFUSED, "refused_at"),
    Verdict.UNCERTAIN: (State.UNCERTAIN, "uncertain_at"),
}


def _move(message_id: int, outcome: Outcome, now: datetime) -> Move:
    state, stage = FINAL[outcome.verdict]
    return Move(
        message_id,
        state,
        {stage: now},
        provider_message_id=outcome.provider_message_id,
        error=outcome.error,
        detail=outcome.detail,
    )
