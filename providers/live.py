"""Telling open pages that something changed: a hint through Redis that never stalls and never fails its caller.

A page that misses one catches up by itself; nothing but ids is told.
"""

import json
from collections.abc import Iterable
from functools import partial

import structlog
from django.db import transaction
from redis import RedisError

from providers.wake import HINT_PATIENCE, client

log = structlog.get_logger(__name__)
PREFIX = "live"
_hints = client(HINT_PATIENCE)


def tell_contacts(ids: Iterable[int]) -> None:
    """Who has the conversation of one of these contacts open, once the transaction is committed."""
    _later("contact", ids)


def tell_users(ids: Iterable[int | None]) -> None:
    """These people's desks, once the transaction is committed. None is nobody."""
    _later("user", (pk for pk in ids if pk is not None))


def tell_queues(ids: Iterable[int | None]) -> None:
    """Who may take what waits in these campaigns, once the transaction is committed; None is what is unrouted."""
    _later("queue", (pk or 0 for pk in ids))


def _later(kind: str, ids: Iterable[int]) -> None:
    channels = sorted({f"{PREFIX}:{kind}:{pk}" for pk in ids})
    if channels:
        transaction.on_commit(partial(_publish, channels))


def _publish(channels: list[str]) -> None:
    try:
        pipeline = _hints.pipeline(transaction=False)
        for channel in channels:
            pipeline.publish(channel, json.dumps({"t": channel.split(":")[1]}))
        pipeline.execute()
    except RedisError as error:
        log.warning("live_lost", n=len(channels), error=type(error).__name__)
