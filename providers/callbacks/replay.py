"""Putting stored callbacks back into the inbox: the drain applies them once more, which is harmless where it did."""

from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from providers.callbacks import intake
from providers.erasing import under_way
from providers.models import Callback
from providers.models.callback import CallbackKind, CallbackState
from providers.wake import wake


def put_back(callbacks: QuerySet[Callback]) -> int:
    """Has them applied again, with as many tries as a new one; returns how many. Those that wait anyhow just wait.

    Raises Refusal `erasing` while somebody is being erased.
    """
    with transaction.atomic():
        under_way.require_none()
        rows = callbacks.exclude(state=CallbackState.NEW).order_by("id").select_for_update(of=("self",))
        found = list(rows.values_list("id", "kind"))
        Callback.objects.filter(pk__in=[row[0] for row in found]).update(
            state=CallbackState.NEW, attempts=0, error="", processed_at=None
        )
        for kind in sorted({row[1] for row in found}):
            transaction.on_commit(partial(wake, intake.DRAINS[CallbackKind(kind)]))
    return len(found)
