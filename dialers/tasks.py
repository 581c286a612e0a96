"""Tasks of the dialers: a tick that finds what may move, and one task a base."""

from celery import shared_task
from django.utils import timezone

from dialers.dispatch import dispatch, look_round
from dialers.loading import load
from dialers.models import Base, BaseState


@shared_task(name="dialers.tick")
def tick() -> None:
    """Finds bases that wait for a loader, and running ones of which something may leave."""
    for base_id in Base.objects.filter(state=BaseState.LOADING).values_list("id", flat=True):
        load_base.apply_async((base_id,), expires=5)
    for base_id in look_round(timezone.now()):
        dispatch_base.apply_async((base_id,), expires=5)


@shared_task(name="dialers.load")
def load_base(base_id: int) -> None:
    """Loads one uploaded base."""
    load(base_id)


@shared_task(name="dialers.dispatch")
def dispatch_base(base_id: int) -> None:
    """One turn of one running base."""
    dispatch(base_id, timezone.now)
