"""Pruning, from the outermost layer inward: each says what it still needs, and what hangs on a message goes first."""

from datetime import datetime

import structlog
from django.db.models import Q

from dialers import keeping as bases
from providers.keeping.entries import prune_entries
from providers.keeping.inbox import prune_inbox
from providers.keeping.ledger import prune_messages
from providers.keeping.media import prune_media
from providers.keeping.rules import before
from providers.locks import Lock, advisory_lock
from sessions import keeping as interactions

log = structlog.get_logger(__name__)


def prune(now: datetime) -> int:
    """Removes some of what is too old by the keeping rules; returns how many rows. Somebody else at it = 0."""
    with advisory_lock(Lock.KEEPING) as free:
        return _prune(now) if free else 0


def _prune(now: datetime) -> int:
    old = before(now)
    held = interactions.held() | (bases.held(old.messages) if old.messages else Q())
    gone = {
        "inbox": prune_inbox(old, now),
        "messages": prune_messages(old.messages, now, held, bases.let_go),
        "bases": bases.prune_bases(old.messages, now),
        "entries": prune_entries(old.entries, now),
        "media": prune_media(old.media, now),  # last, as its storage may fail; messages wait for their files
    }
    if any(gone.values()):
        log.info("pruned", **gone)
    return sum(gone.values())
