"""Everything that the simulator keeps, in one place and in memory: a restart forgets it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque

from simulator.client import check_url
from simulator.config import Config
from simulator.counts import Counts
from simulator.faults import Faults
from simulator.messages import Message, iso
from simulator.outbox import Kind, Outbox, Route
from simulator.phones import Phones
from simulator.spelling import canonical
from simulator.templates import Templates
from simulator.wheel import Wheel
from simulator.wire import BadRequestError, Json

LISTS = ("OPTIN", "OPTOUT", "BLACKLIST", "WHITELIST")
KINDS: tuple[Kind, ...] = ("message", "status", "report")


def now_ms() -> int:
    """The wall clock in epoch milliseconds."""
    return time.time_ns() // 1_000_000


class World:
    """The account at Wavy: its switches, phones, templates, lists, counts and callbacks."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.faults = Faults()
        self.seed = config.seed
        self.dice = random.Random(config.seed)  # noqa: S311 - faults must be repeatable, not secret
        self.counts = Counts()
        self.phones = Phones(config.keep)
        self.recent: deque[Message] = deque(maxlen=config.keep)
        self.templates = Templates()
        self.lists: dict[str, dict[str, tuple[str, str]]] = {name: {} for name in LISTS}
        self.accounts = dict(config.accounts)
        self.urls: dict[tuple[str, Kind], str] = {}
        self.wheel = Wheel(asyncio.get_running_loop().time)
        self.outbox = Outbox(self.faults, self.counts.callbacks, self.url_for)
        self.serial = 0
        born = time.time_ns()
        # Ids must differ from those of an earlier run: the other side takes an id as proof of a repeat.
        self.prefix = f"{born >> 32 & 0xFFFFFFFF:08x}-{born >> 16 & 0xFFFF:04x}-4{born >> 4 & 0xFFF:03x}-a000"
        self.set_url("", "message", check_url(config.message_url))
        self.set_url("", "status", check_url(config.status_url))
        self.set_url("", "report", check_url(config.report_url))

    def new_id(self) -> str:
        """A fresh id in the shape of a UUID."""
        self.serial += 1
        return f"{self.prefix}-{self.serial:012x}"

    def hits(self, chance: float) -> bool:
        """Whether a chance comes true; the generator is only asked when it can go either way."""
        return chance > 0 and (chance >= 1 or self.dice.random() < chance)

    def pick(self, shares: dict[int, float]) -> int | None:
        """One of the codes by its share, or None for the rest."""
        if not shares:
            return None
        point = self.dice.random()
        for code, share in shares.items():
            point -= share
            if point < 0:
                return code
        return None

    def origin_of(self, username: str) -> str:
        """Our number, by the account that sends."""
        return self.accounts.get(username, self.config.origin)

    def origins(self) -> list[str]:
        """All of our numbers: the configured ones and those that have a chat."""
        known = [self.config.origin, *self.accounts.values(), *(origin for origin, _ in self.urls if origin)]
        return list(dict.fromkeys(known))

    def set_url(self, origin: str, kind: Kind, url: str) -> None:
        """Where one kind goes for one of our numbers, '' for all others; an empty URL takes it away."""
        if url:
            self.urls[(origin, kind)] = url
        else:
            self.urls.pop((origin, kind), None)

    def url_for(self, route: Route) -> str:
        """Where a route goes; delivery reports go where statuses go, unless they have a URL of their own."""
        kinds: tuple[Kind, ...] = ("report", "status") if route.kind == "report" else (route.kind,)
        for kind in kinds:
            for origin in (route.origin, ""):
                url = self.urls.get((origin, kind))
                if url:
                    return url
        return ""

    def reseed(self, seed: int) -> None:
        self.seed = seed
        self.dice.seed(seed)

    def enlist(self, name: str, numbers: list[str]) -> None:
        """Replaces one of the four lists; raises `BadRequestError` for another name."""
        if name not in self.lists:
            raise BadRequestError(f"There is no list {name!r}; these exist: {', '.join(LISTS)}.", 404)
        self.lists[name] = {canonical(number): (number, iso(now_ms())) for number in numbers}

    def reset(self) -> None:
        """Forgets messages, counts and what waits, and starts the generator again; URLs and switches stay."""
        self.outbox.clear()
        self.wheel.clear()
        self.phones.clear()
        self.recent.clear()
        self.templates.clear()
        self.counts = Counts()
        self.outbox.counter = self.counts.callbacks
        for entries in self.lists.values():
            entries.clear()
        self.reseed(self.seed)

    def callback_counts(self) -> Json:
        counter = self.counts.callbacks
        names = (
            "calls", "items", "answered_200", "answered_other", "timed_out", "unreachable", "retried", "given_up",
            "lost", "duplicated", "dropped",
        )  # fmt: skip
        return {name: counter[name] for name in names} | {
            "pending": self.outbox.pending,
            "waiting_for_retry": len(self.outbox.retries),
            "under_way": len(self.outbox.tasks),
            "still_to_happen": self.wheel.waiting,
        }
