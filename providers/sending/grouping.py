"""Grouping: the recipients of the same content share a request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from providers.drivers.base import Content, Recipient
from providers.sending.outcomes import Leaving


@dataclass(slots=True)
class Group:
    """One request to be: messages of the same content, no two of them to one number."""

    content: Content
    messages: list[Leaving]

    @property
    def recipients(self) -> list[Recipient]:
        return [Recipient(one.address, one.correlation_id) for one in self.messages]

    @property
    def halves(self) -> list["Group"]:
        middle = len(self.messages) // 2
        return [Group(self.content, half) for half in (self.messages[:middle], self.messages[middle:])]


def grouped(messages: Iterable[Leaving], most: int) -> list[Group]:
    """Requests of up to `most` recipients, each content in the order of its first message.

    Two messages to one number never share a request: an answer could not be told apart.
    """
    by_content: dict[Content, list[Leaving]] = {}
    alone: list[Group] = []
    for message in messages:
        if message.alone:
            alone.append(Group(message.content, [message]))
        else:
            by_content.setdefault(message.content, []).append(message)
    return alone + [
        Group(content, share[start : start + most])
        for content, alike in by_content.items()
        for share in _without_repeats(alike)
        for start in range(0, len(share), most)
    ]


def _without_repeats(messages: Sequence[Leaving]) -> list[list[Leaving]]:
    if len(messages) == 1:
        return [list(messages)]
    shares: list[list[Leaving]] = []
    seen: dict[str, int] = {}
    for message in messages:
        nth = seen.get(message.address, 0)
        seen[message.address] = nth + 1
        if nth == len(shares):
            shares.append([])
        shares[nth].append(message)
    return shares
