"""Telling open pages that something changed: a hint through Redis that never stalls and never fails its caller.

A page that misses one catches up by itself; nothing but ids is told.
"""

from collections.abc import Iterable

import structlog
from django.db import transaction
from redis import RedisError

from providers.streams import EVERY_QUEUE, channel
from providers.wake import HINT_PATIENCE, client

log = structlog.get_logger(__name__)
FEW = 10  # contacts that are told without asking first who is watched
NOTHING = "-"
Told = tuple[int, int | None]  # whom, about which contact
_hints = client(HINT_PATIENCE)


def tell_contacts(ids: Iterable[int]) -> None:
    """Who has the conversation of one of these contacts open, once the transaction is committed.

    However many they are: of many, only those that somebody watches are told.
    """
    _later("contact", ((pk, None) for pk in ids))


def tell_users(ids: Iterable[int | None], about: int | None = None) -> None:
    """These people's desks, once the transaction is committed. None is nobody.

    `about`: the contact whose conversation alone it concerns; who has that open sees it there, and is in no hurry.
    """
    _later("user", ((pk, about) for pk in ids if pk is not None))


def tell_queues(ids: Iterable[int | None]) -> None:
    """Who may take what waits in these campaigns, once the transaction is committed; None is what is unrouted."""
    _later("queue", ((pk or 0, None) for pk in ids))


class Hints:
    """What one transaction has to tell, each channel once."""

    def __init__(self) -> None:
        self.ids: dict[str, set[Told]] = {"contact": set(), "user": set(), "queue": set()}

    def __call__(self) -> None:
        try:
            self._publish()
        except RedisError as error:
            log.warning("live_lost", error=type(error).__name__)

    def _publish(self) -> None:
        contacts = {pk for pk, _about in self.ids["contact"]}
        if len(contacts) > FEW:
            contacts &= _watched()
        words = [(channel("contact", pk), NOTHING) for pk in contacts]
        words += [(channel("user", pk), str(about or NOTHING)) for pk, about in self.ids["user"]]
        words += [(channel("queue", pk), NOTHING) for pk, _about in self.ids["queue"]]
        if self.ids["queue"]:
            words.append((channel("queue", EVERY_QUEUE), NOTHING))
        if not words:
            return
        pipeline = _hints.pipeline(transaction=False)
        for name, word in words:
            pipeline.publish(name, word)
        pipeline.execute()


def _watched() -> set[int]:
    """The contacts whose conversation somebody has open."""
    names = _hints.pubsub_channels(channel("contact", "*"))
    return {int(str(name, "ascii").rpartition(":")[2]) for name in names if isinstance(name, bytes)}


def _later(kind: str, ids: Iterable[Told]) -> None:
    """Joins what the transaction tells already, unless that goes with a savepoint which this outlives."""
    wanted = set(ids)
    if not wanted:
        return
    connection = transaction.get_connection()
    here = set(connection.savepoint_ids)
    for savepoints, told, _robust in connection.run_on_commit:
        if isinstance(told, Hints) and savepoints <= here:
            told.ids[kind] |= wanted
            return
    hints = Hints()
    hints.ids[kind] |= wanted
    transaction.on_commit(hints)
