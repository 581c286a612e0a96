"""Erasing and replaying keep apart: what is replayed in the middle would come back as somebody new."""

from django.db import connection
from django.utils.translation import gettext as _

from providers.errors import Refusal
from providers.locks import SIGN, Lock, at_work
from providers.models import Erasure


def require_none() -> None:
    """Raises Refusal `erasing` while an erasure is not done; none begins before the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [int(Lock.REPLAY), SIGN])
    if Erasure.objects.filter(finished_at=None).exists():
        raise Refusal(
            "erasing",
            _(
                "One person's data is being erased. Nothing is applied again until that is done; see Erasures."
            ),
        )


def wait_for_replays() -> None:
    """Waits for those who saw no erasure before this one was asked for. Not inside a transaction."""
    with at_work(Lock.REPLAY):
        return
