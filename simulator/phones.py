"""The customers' phones: who wrote what to which of our numbers, and the 24 hours that follow."""

from __future__ import annotations

import zlib
from collections import OrderedDict, deque

from simulator.messages import Message
from simulator.spelling import canonical
from simulator.wire import Json

WINDOW_MS = 24 * 3_600_000
TURNS_KEPT = 200
PEOPLE = (
    "María José", "João", "Ana Clara", "Diego", "Lucía", "Rafael", "Valentina", "Thiago", "Camila", "Mateo",
    "Beatriz", "Joaquín", "Sofía", "Gustavo", "Florencia", "Caio",
)  # fmt: skip


class Said:
    """What a customer wrote, as it was called back."""

    __slots__ = ("at", "body", "id")

    def __init__(self, message_id: str, at: int, body: Json) -> None:
        self.id = message_id
        self.at = at
        self.body = body


class Phone:
    """One customer's chat with one of our numbers."""

    __slots__ = ("at", "last", "last_incoming_at", "name", "number", "origin", "session_at", "session_id", "turns",
                 "unread")  # fmt: skip

    def __init__(self, number: str, origin: str) -> None:
        self.number = number
        self.origin = origin
        self.name = PEOPLE[zlib.crc32(canonical(number).encode()) % len(PEOPLE)]
        self.turns: deque[Message | Said] = deque(maxlen=TURNS_KEPT)
        self.unread = 0
        self.at = 0
        self.last: Message | None = None
        self.last_incoming_at = 0
        self.session_id = ""
        self.session_at = 0

    def window_open(self, now: int) -> bool:
        return now - self.last_incoming_at < WINDOW_MS

    def answered(self, correlation_id: str) -> Message | None:
        """The message on this phone that bears the correlation id, newest first."""
        for turn in reversed(self.turns):
            if isinstance(turn, Message) and turn.correlation_id == correlation_id:
                return turn
        return None


class Phones:
    """All phones, the one with the latest news last; the oldest are forgotten beyond `keep`."""

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.by_key: OrderedDict[tuple[str, str], Phone] = OrderedDict()
        self.revision = 0

    def find(self, origin: str, number: str) -> Phone | None:
        return self.by_key.get((origin, canonical(number)))

    def reach(self, origin: str, number: str) -> Phone:
        """The phone, made when it is new, and moved to the front of the list."""
        key = (origin, canonical(number))
        phone = self.by_key.get(key)
        if phone is None:
            phone = self.by_key[key] = Phone(number, origin)
            if len(self.by_key) > self.keep:
                self.by_key.popitem(last=False)
        else:
            self.by_key.move_to_end(key)
        return phone

    def receive(self, message: Message) -> None:
        """The message shows on the phone."""
        phone = self.reach(message.origin, message.number)
        phone.turns.append(message)
        phone.unread += 1
        phone.at = message.delivered_at
        phone.last = message
        self.revision += 1

    def say(self, phone: Phone, said: Said, session_id: str) -> None:
        """The customer writes: the window opens or is renewed."""
        if not phone.session_id or not phone.window_open(said.at):
            phone.session_id, phone.session_at = session_id, said.at
        phone.last_incoming_at = said.at
        phone.turns.append(said)
        phone.at = said.at
        phone.unread = 0
        self.revision += 1

    def window_open(self, origin: str, number: str, now: int) -> bool:
        phone = self.find(origin, number)
        return phone is not None and phone.window_open(now)

    def newest(self, limit: int, part: str = "") -> list[Phone]:
        """The phones with the latest news first, whose number holds `part`."""
        found = []
        for phone in reversed(self.by_key.values()):
            if part in phone.number:
                found.append(phone)
                if len(found) == limit:
                    break
        return found

    def clear(self) -> None:
        self.by_key.clear()
        self.revision += 1
