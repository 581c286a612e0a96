"""The spans of time in which several hours are all open, from now on: until when, when next, when work is done."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from campaigns.schedules import Hours

HORIZON = timedelta(days=60)
FIRST_STEP = timedelta(days=1)  # each is twice as long as the one before: most searches end soon


def openings(
    hours: Sequence[Hours], now: datetime, horizon: timedelta = HORIZON
) -> Iterator[tuple[datetime, datetime]]:
    """From when to when (excluded) all of the hours are open, one after the other, in UTC; cut at the horizon."""
    since: datetime | None = None
    for edge in _edges(hours, now.astimezone(UTC), horizon):
        is_open = all(one.is_open(edge) for one in hours)
        if is_open and since is None:
            since = edge
        elif not is_open and since is not None:
            yield since, edge
            since = None
    if since is not None:
        yield since, now.astimezone(UTC) + horizon


def _edges(hours: Sequence[Hours], now: datetime, horizon: timedelta) -> Iterator[datetime]:
    yield now
    start, end, step = now, now + horizon, FIRST_STEP
    while start < end:
        stop = min(start + step, end)
        yield from sorted({edge for one in hours for edge in one.edges(start, stop) if start < edge <= stop})
        start, step = stop, 2 * step


def open_until(hours: Sequence[Hours], now: datetime) -> datetime | None:
    """When what is open now closes; None where it is closed, or stays open for two months."""
    since, until = next(openings(hours, now), (None, None))
    return until if since == now and until and until < now + HORIZON else None


def next_opening(hours: Sequence[Hours], now: datetime) -> datetime | None:
    """When it is open next, `now` where it is; None where that is not within two months."""
    return next((since for since, _until in openings(hours, now)), None)


def done_at(
    hours: Sequence[Hours], seconds: float, now: datetime, before: datetime | None = None
) -> datetime | None:
    """When work of so many seconds is done if it goes on only in the open spans.

    None where it does not fit into two months, or is not done `before` a time.
    """
    left = timedelta(seconds=seconds)
    for since, until in openings(hours, now):
        if until - since >= left:
            done = since + left
            return done if before is None or done <= before else None
        left -= until - since
    return None
