"""The tasks of interactions: routing what came in, giving what waits to agents, and taking back."""

from celery import shared_task
from django.utils import timezone

from providers.wake import awake
from sessions import assignment, closing, presence, queueing, releasing, routing, transfers
from sessions.services import ASSIGN_TASK

ROUTE_TASK = "sessions.route"


@shared_task(name=ROUTE_TASK)
def route() -> None:
    """Runs when a customer's message came in, and every few seconds for what a wake-up missed."""
    awake(ROUTE_TASK)
    routing.route(timezone.now())


@shared_task(name=ASSIGN_TASK)
def assign() -> None:
    """Runs after routing and every two seconds."""
    awake(ASSIGN_TASK)
    assignment.assign(timezone.now())


@shared_task(name="sessions.take_back")
def take_back() -> None:
    """Every second: from who may not answer any more, from who is not there, and what was transferred in vain."""
    now = timezone.now()
    releasing.release(now)
    presence.give_back(now)
    transfers.return_overdue(now)


@shared_task(name="sessions.when_due")
def when_due() -> None:
    """Every few seconds: closes what had no message for too long, and opens what was rescheduled for now."""
    now = timezone.now()
    closing.close_idle(now)
    closing.reopen_rescheduled(now)


@shared_task(name="sessions.relieve_queues")
def relieve_queues() -> None:
    """Every five seconds: what waits for longer than its campaign allows."""
    queueing.relieve_overdue(timezone.now())
