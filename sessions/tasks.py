"""The tasks of interactions: routing what came in, giving what waits to agents."""

from celery import shared_task
from django.utils import timezone

from providers.wake import awake, wake
from sessions import assignment, releasing, routing
from sessions.services import ASSIGN_TASK

ROUTE_TASK = "sessions.route"


@shared_task(name=ROUTE_TASK)
def route() -> None:
    """Runs when a customer's message came in, and every few seconds for what a wake-up missed."""
    awake(ROUTE_TASK)
    if routing.route(timezone.now()):
        wake(ASSIGN_TASK)


@shared_task(name=ASSIGN_TASK)
def assign() -> None:
    """Runs after routing and every two seconds."""
    awake(ASSIGN_TASK)
    now = timezone.now()
    releasing.release(now)
    assignment.assign(now)
