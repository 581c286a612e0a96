"""How far the loading of a base is: a hint in Redis, which may be gone at any moment."""

import json
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from redis import RedisError

from providers.wake import redis

log = structlog.get_logger(__name__)

EXPIRES = 60  # seconds without news, after which nothing is said rather than something old


class LoadingProgress(NamedTuple):
    """Bytes done of all the bytes, lines read so far, when this loading began (aware UTC)."""

    done_bytes: int
    total_bytes: int
    lines: int
    started_at: datetime


def write(base_id: int, progress: LoadingProgress) -> None:
    """Says how far a base is. A Redis that is away costs the bar, not the loading."""
    said = [*progress[:3], progress.started_at.timestamp()]
    try:
        redis.set(_key(base_id), json.dumps(said), ex=EXPIRES)
    except RedisError as error:
        log.warning("loading_progress_lost", base=base_id, error=type(error).__name__)


def read(base_id: int) -> LoadingProgress | None:
    """What was last said of a base that is being loaded; None where nobody knows."""
    try:
        said = redis.get(_key(base_id))
    except RedisError:
        return None
    if not said:
        return None
    done, total, lines, since = json.loads(bytes(said))  # type: ignore[arg-type]  # this client does not wait
    return LoadingProgress(done, total, lines, datetime.fromtimestamp(since, UTC))


def clear(base_id: int) -> None:
    """Forgets a base that is loaded."""
    try:
        redis.delete(_key(base_id))
    except RedisError as error:
        log.warning("loading_progress_lost", base=base_id, error=type(error).__name__)


def _key(base_id: int) -> str:
    return f"import:{base_id}"
