"""A stream: requests of one provider in flight, refilled as answers come in. Nothing is sent twice."""

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from providers import ledger
from providers.accounts import account_of
from providers.drivers import driver_for
from providers.drivers.base import Answer, Lost, Outcome, Request, Verdict
from providers.models import Provider
from providers.models.provider import MOST_RECIPIENTS
from providers.sending.grouping import Group, grouped
from providers.sending.outcomes import TURNED_AWAY, Leaving, Recorder, Report, RetryPolicy

HALVES_WAIT = timedelta(seconds=30)
MOST_IN_FLIGHT = 1000  # messages: what a power cut can leave unconfirmed


def lease(now: datetime) -> datetime:
    """Until when a message that leaves now may be without an answer."""
    return now + timedelta(seconds=settings.SUBMITTING_LEASE_SECONDS)


class Wire(Protocol):
    """Where requests leave: `providers.http` in threads, or the bulk lane."""

    def launch(self, requests: Iterable[tuple[int, Request]]) -> None:
        """Lets all of them leave at once."""

    def collect(self, timeout: float, enough: int = 1) -> list[tuple[int, Answer | Lost]]:
        """What has come back; waits up to `timeout` seconds for the first, and a moment for `enough` of them."""


@dataclass(slots=True)
class Limits:
    """How many requests, and how many messages, may be in flight."""

    requests: int
    messages: int = MOST_IN_FLIGHT


class Stream:
    """Whoever uses it asks for `room`, launches, and settles, until nothing is `busy`.

    `waiting` holds groups that are still queued in the ledger: what was offered, and the halves of groups
    that were turned away.
    """

    def __init__(
        self,
        provider: Provider,
        wire: Wire,
        limits: Limits,
        clock: Callable[[], datetime],
        policy: RetryPolicy,
    ) -> None:
        self.report = Report()
        self.waiting: deque[Group] = deque()
        self.most = provider.recipients_per_request or MOST_RECIPIENTS
        self.limits = limits
        self.clock = clock
        self._wire = wire
        self._driver = driver_for(provider.api_type)
        self.mixed = self._driver.mixed
        self._account = account_of(provider)
        self._recorder = Recorder(provider, clock, policy, self.report)
        self._flying: dict[int, Group] = {}
        self._serial = 0
        self.messages = 0  # in flight
        self._a_request = float(self.most)  # messages that a request has carried of late

    @property
    def flying(self) -> bool:
        return bool(self._flying)

    @property
    def busy(self) -> bool:
        return bool(self._flying or self.waiting)

    @property
    def free_requests(self) -> int:
        """0 until half of the lane is free, so that the ledger is written in bulk."""
        free = self.limits.requests - len(self._flying)
        return 0 if self.full else free

    @property
    def free_messages(self) -> int:
        return 0 if self.full else self.limits.messages - self.messages

    @property
    def full(self) -> bool:
        """Whether more than half of the lane is taken: it is refilled, and the ledger written, in bulk."""
        return 2 * len(self._flying) > self.limits.requests or 2 * self.messages > self.limits.messages

    @property
    def reach(self) -> int:
        """How many of the next messages are worth looking at, by how many a request has carried of late."""
        return math.ceil(self.free_requests * self._a_request * 1.25)

    def learn(self, messages: int, requests: int) -> None:
        """Notes how many messages the latest requests carry."""
        if requests:
            self._a_request = messages / requests

    def offer(self, messages: Iterable[Leaving]) -> None:
        """Queued messages that are to leave as soon as there is room."""
        self.waiting.extend(grouped(messages, self.most, mixed=self.mixed))

    def relaunch(self) -> None:
        """Commits as many of the waiting groups as there is room for as `submitting`, and lets them leave."""
        step = self._take()
        if step:
            now = self.clock()
            left = set(ledger.submit([one.id for group in step for one in group.messages], lease(now), now))
            for group in step:
                group.messages = [one for one in group.messages if one.id in left]
            self._depart([group for group in step if group.messages])

    def launch(self, messages: Iterable[Leaving]) -> None:
        """Lets messages leave that are committed as `submitting`."""
        self._depart(grouped(messages, self.most, mixed=self.mixed))

    def settle(self, patience: float = 1.0) -> None:
        """Waits up to `patience` seconds for answers and records them; turned-away groups wait as halves."""
        settled: list[tuple[Leaving, Outcome]] = []
        turned_away: list[Group] = []
        for key, answer in self._wire.collect(patience if self._flying else 0, self._worth_it):
            group = self._flying.pop(key)
            self.messages -= len(group.messages)
            outcomes = self._driver.read(answer, group.recipients)
            if outcomes[0].verdict is Verdict.SPLIT:
                turned_away.append(group)
            else:
                settled.extend(zip(group.messages, outcomes, strict=True))
        self._recorder.record(settled)
        if turned_away:  # these did not leave
            keys = [one.id for group in turned_away for one in group.messages]
            # Nobody else takes them up meanwhile and puts them together again.
            ledger.requeue(keys, self.clock() + HALVES_WAIT, error=TURNED_AWAY)
            self.waiting.extendleft(half for group in turned_away for half in group.halves)

    @property
    def _worth_it(self) -> int:
        """How many answers are worth waiting a moment for: those that leave half of the lane."""
        flying = len(self._flying)
        surplus = self.messages - self.limits.messages // 2
        return max(1, flying - self.limits.requests // 2, math.ceil(surplus * flying / max(1, self.messages)))

    def _take(self) -> list[Group]:
        step: list[Group] = []
        free, room = self.free_requests, self.free_messages
        while self.waiting and len(step) < free:
            size = len(self.waiting[0].messages)
            if size > room and (step or self._flying):
                break
            room -= size
            step.append(self.waiting.popleft())
        return step

    def _depart(self, groups: Iterable[Group]) -> None:
        requests: list[tuple[int, Request]] = []
        for group in groups:
            self._serial += 1
            self._flying[self._serial] = group
            self.messages += len(group.messages)
            requests.append(
                (self._serial, self._driver.build(self._account, group.contents, group.recipients))
            )
        self._wire.launch(requests)
