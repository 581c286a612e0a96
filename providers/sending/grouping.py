"""Grouping: which messages share a request: those of the same content, or any where the driver lets them differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from providers.drivers.base import Content, Recipient
from providers.sending.outcomes import Leaving


@dataclass(slots=True)
class Group:
    """One request to be: no two of its messages go to one number."""

    messages: list[Leaving]

    @property
    def contents(self) -> list[Content]:
        return [one.content for one in self.messages]

    @property
    def recipients(self) -> list[Recipient]:
        return [Recipient(one.address, one.correlation_id) for one in self.messages]

    @property
    def halves(self) -> list["Group"]:
        middle = len(self.messages) // 2
        return [Group(half) for half in (self.messages[:middle], self.messages[middle:])]


def grouped(messages: Iterable[Leaving], most: int, *, mixed: bool = False) -> list[Group]:
    """Requests of up to `most` recipients, in the order of their first messages; of one content unless `mixed`.

    Two messages to one number never share a request: an answer could not be told apart.
    """
    sharing: dict[Content | None, list[Leaving]] = {}
    alone: list[Group] = []
    for message in messages:
        if message.alone:
            alone.append(Group([message]))
        else:
            sharing.setdefault(None if mixed else message.content, []).append(message)
    return alone + [
        Group(share[start : start + most])
        for alike in sharing.values()
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
