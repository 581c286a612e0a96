"""Figures for Prometheus, read from PostgreSQL and Redis at the moment of asking.

Counters in a process would differ between processes and begin anew with each start.
"""

from collections.abc import Iterable, Iterator

from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import RedisError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from dialers.models import Base
from providers.models import (
    Callback,
    Media,
    MediaState,
    Message,
    Provider,
    RefusedCallbacks,
    Tally,
    TallyDelta,
)
from providers.models.callback import CallbackState
from providers.states import TALLY_KEYS, State
from providers.wake import redis
from sessions.models import ChatSession, SessionState
from ucontact_wavy.models import Alert
from ucontact_wavy.tasks import HEARD_KEY

QUEUES = ("celery", "bases", "callbacks", "replies", "media", "alerts")
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class MayReadFigures(BasePermission):
    """Supervisors (Prometheus sends a token), and whoever asks on this machine itself.

    How much a company sends is nobody else's business. Behind a proxy everybody seems to come from this
    machine, so a request that was passed on does not count as one.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        if isinstance(request.user, User):
            return request.user.is_supervisor
        passed_on = any(header in request.META for header in FORWARDED)
        return request.META.get("REMOTE_ADDR") in LOOPBACK and not passed_on


class MetricsView(APIView):
    """The figures in Prometheus's text format."""

    permission_classes = [MayReadFigures]
    metadata_class = None

    @extend_schema(exclude=True)
    def get(self, _request: Request) -> HttpResponse:
        registry = CollectorRegistry()
        registry.register(Figures())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Figures(Collector):
    """A handful of queries over small tables and partial indexes, however large the ledger is."""

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance, so that registering asks no database."""
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _work()
        yield from _providers()
        yield from _redis()


def _work() -> Iterator[Metric]:
    new = Callback.objects.filter(state=CallbackState.NEW)
    yield _gauge("callbacks_waiting", "Callbacks stored and not yet applied.", "kind", _counts(new, "kind"))
    replies = Message.objects.filter(listed_state=State.QUEUED, batch=None).count()
    yield _gauge("replies_waiting", "Single messages that have not left yet.", "lane", [("replies", replies)])
    media = Media.objects.filter(state=MediaState.WAITING).count()
    yield _gauge("media_waiting", "Customers' files that are not fetched yet.", "lane", [("media", media)])
    yield _gauge("rows", "Rows of all bases by state.", "state", _rows())
    yield _gauge("bases", "Bases by state.", "state", _counts(Base.objects.all(), "state"))
    still_open = ChatSession.objects.exclude(state=SessionState.CLOSED)
    yield _gauge("interactions_open", "Interactions by state.", "state", _counts(still_open, "state"))
    alerts = Alert.objects.filter(until=None).exclude(opened_at=None)
    yield _gauge("alerts_open", "Alerts that are open.", "kind", _counts(alerts, "kind"))


def _rows() -> list[tuple[str, float]]:
    totals = dict.fromkeys(TALLY_KEYS, 0)
    for counts in (Tally.objects, TallyDelta.objects):
        for state, n in counts.values_list("state").annotate(total=Sum("n")):
            totals[state] += n
    return [(TALLY_KEYS[state], n) for state, n in totals.items()]


def _providers() -> Iterator[Metric]:
    providers = list(Provider.objects.order_by("id"))
    suspended = [(provider.name, float(provider.suspended_at is not None)) for provider in providers]
    yield _gauge(
        "provider_suspended", "1 while a provider turns away our credentials.", "provider", suspended
    )
    heard = [(one.name, one.last_callback_at.timestamp()) for one in providers if one.last_callback_at]
    yield _gauge(
        "provider_last_callback_timestamp_seconds", "When the last callback came.", "provider", heard
    )
    refused = RefusedCallbacks.objects.aggregate(total=Sum("n"))["total"] or 0
    yield CounterMetricFamily("ucontact_wavy_callbacks_refused", "Callbacks turned away.", value=refused)


def _redis() -> Iterator[Metric]:
    try:
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.exists(HEARD_KEY)
            for queue in QUEUES:
                pipeline.llen(queue)
            heard, *lengths = pipeline.execute()
    except RedisError:
        yield _gauge("up", "1 for each part that answers.", "part", [("redis", 0), ("worker", 0)])
        return
    yield _gauge("up", "1 for each part that answers.", "part", [("redis", 1), ("worker", heard)])
    waiting = zip(QUEUES, lengths, strict=True)
    yield _gauge("queue_length", "Tasks that wait in Redis for a worker.", "queue", waiting)


def _counts(
    rows: QuerySet[Callback] | QuerySet[Base] | QuerySet[ChatSession] | QuerySet[Alert], by: str
) -> list[tuple[str, float]]:
    return list(rows.order_by().values_list(by).annotate(n=Count("pk")))


def _gauge(name: str, description: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"ucontact_wavy_{name}", description, labels=[label])
    for value_of_label, value in values:
        family.add_metric([value_of_label], value)
    return family
