"""The operator's decision on many unconfirmed messages of a base at once, in short transactions."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.bases import run_again
from dialers.endings import FOLLOW
from dialers.models import Base
from providers import unconfirmed
from providers.models import Message
from providers.states import State

CHUNK = 500  # messages a transaction


def chosen(base: Base, keys: Collection[int]) -> Iterator[int]:
    """Those of the message ids that are of the base."""
    return Message.objects.filter(batch=base.pk, pk__in=keys).values_list("pk", flat=True).iterator()


def all_until(base: Base, seen_at: datetime) -> Iterator[int]:
    """What was unconfirmed already when somebody looked; what became so since is not theirs to decide."""
    last = 0
    uncertain = Message.objects.filter(batch=base.pk, listed_state=State.UNCERTAIN, uncertain_at__lte=seen_at)
    while keys := list(uncertain.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        yield from keys
        last = keys[-1]


def take_as_sent(base: Base, keys: Iterator[int], user: User | None, now: datetime) -> int:
    """They are believed to have left. Returns how many were unconfirmed still; twice is harmless."""
    return sum(_taken(base, some, user, now) for some in _chunks(keys))


def send_again(base: Base, keys: Iterator[int], user: User | None, now: datetime) -> int:
    """A new message takes the place of each; the base runs again. Returns how many; twice is harmless.

    Raises Refusal `valid_until`.
    """
    return sum(_again(base, some, user, now) for some in _chunks(keys))


def _taken(base: Base, keys: Collection[int], user: User | None, now: datetime) -> int:
    with transaction.atomic():
        n = unconfirmed.take_all_as_sent(keys, user, now)
        acts.note_many(base, Act.TAKEN_AS_SENT, n, user)
    return n


def _again(base: Base, keys: Collection[int], user: User | None, now: datetime) -> int:
    with transaction.atomic():
        locked = Base.objects.select_for_update().get(pk=base.pk)
        placed = unconfirmed.send_all_again(keys, user, now)
        if placed:
            with connection.cursor() as cursor:
                cursor.execute(FOLLOW, [list(placed), list(placed.values())])
            run_again(locked, now)
            acts.note_many(base, Act.SENT_AGAIN, len(placed), user)
    return len(placed)


def _chunks(keys: Iterator[int]) -> Iterator[list[int]]:
    while some := list(islice(keys, CHUNK)):
        yield some
