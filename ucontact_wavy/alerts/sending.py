"""Wrong with what is sent: credentials turned away, bases that paused themselves, failures, no callbacks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, F, Q, QuerySet

from dialers.failures import FAILURE_RATE, NO_ANSWERS, shares
from dialers.models import Base, BaseState
from providers.models import Provider
from providers.models.callback import CallbackKind, CallbackState
from providers.models.message import Direction
from providers.states import State
from ucontact_wavy.alerts.findings import Finding
from ucontact_wavy.models import AlertKind, AlertLevel, AlertRules

CREDENTIALS = "credentials"  # the reason of a base
MOST_BASES = 500  # that have paused themselves
MOST_JUDGED = 50  # running bases whose latest messages are looked at
TIME_TO_START = timedelta(minutes=5)  # what an operator has after the credentials were corrected
NEARLY = 0.8  # of the limit: below it a failure rate is over
LOOKED_AT = 2000  # newest messages of a provider, and newest callbacks that wait

# Whether one of a provider's newest messages was taken by Wavy after the last callback and is without a receipt. The
# range has them read by the index of providers: one that fell silent long ago has none among the newest of all.
UNANSWERED = f"""
SELECT EXISTS (
    SELECT FROM (
        SELECT direction, state, accepted_at FROM providers_message
        WHERE (provider_id, id) BETWEEN (%s, 0) AND (%s, {2**63 - 1}) ORDER BY provider_id DESC, id DESC
        LIMIT {LOOKED_AT}
    ) AS newest
    WHERE direction = {Direction.OUT:d} AND state = {State.ACCEPTED:d}
      AND accepted_at > COALESCE(%s, '-infinity'::timestamptz)
)
"""  # noqa: S608 - the states are ours
# Whether something of it lies in the inbox, stored and not yet applied: then it is not Wavy that is silent.
IN_THE_INBOX = f"""
SELECT EXISTS (
    SELECT FROM (
        SELECT provider_id FROM providers_callback
        WHERE kind = '{CallbackKind.STATUS}' AND state = {CallbackState.NEW:d} ORDER BY id DESC LIMIT {LOOKED_AT}
    ) AS newest
    WHERE provider_id = %s OR provider_id IS NULL
)
"""  # noqa: S608


def credentials() -> Iterator[Finding]:
    """Providers that turn them away, each with how many bases stand still for it. Two queries."""
    held = _paused().filter(reason=CREDENTIALS).values("dialer__provider").annotate(n=Count("pk"))
    bases = {row["dialer__provider"]: row["n"] for row in held.order_by()}
    for provider in Provider.objects.exclude(suspended_at=None).order_by("pk"):
        yield Finding(
            AlertKind.CREDENTIALS,
            f"provider:{provider.pk}",
            {"provider": provider.name, "bases": bases.get(provider.pk, 0)},
            since=provider.suspended_at,
        )


def paused_bases() -> Iterator[Finding]:
    """Bases that paused themselves; those that wait for credentials count once these hold. One query."""
    alone = Q(reason__in=[FAILURE_RATE, NO_ANSWERS]) | Q(
        reason=CREDENTIALS, dialer__provider__suspended_at=None
    )
    for base in _paused().filter(alone).select_related("dialer").order_by("-pk")[:MOST_BASES]:
        figures = base.reason_figures
        yield Finding(
            AlertKind.BASE_PAUSED,
            f"base:{base.pk}",
            {
                **_names(base),
                "reason": base.reason,
                "percent": figures.get("percent", 0),
                "limit": figures.get("limit", 0),
                "n": figures.get("of", 0),
            },
            hold=TIME_TO_START if base.reason == CREDENTIALS else timedelta(0),
            campaign=base.dialer.campaign_id,
        )


def _paused() -> QuerySet[Base]:
    return Base.objects.filter(state=BaseState.PAUSED).exclude(reason="")


def _names(base: Base) -> dict[str, object]:
    return {"base": base.name, "dialer": base.dialer.name, "page": base.dialer_id}


def failure_rates(rules: AlertRules, now: datetime) -> Iterator[Finding]:
    """Running bases of which too much fails. A bounded query a base, the latest started ones first."""
    limit = rules.failure_percent
    running = Base.objects.filter(state=BaseState.RUNNING).select_related("dialer")
    for base in running.order_by(F("started_at").desc(nulls_last=True), "-pk")[:MOST_JUDGED] if limit else ():
        percent = shares(base, now).percent
        if percent >= NEARLY * limit:
            yield Finding(
                AlertKind.FAILURE_RATE,
                f"base:{base.pk}",
                {**_names(base), "percent": round(percent)},
                level=AlertLevel.AMBER,
                firm=percent >= limit,
                campaign=base.dialer.campaign_id,
            )


def silence(rules: AlertRules) -> Iterator[Finding]:
    """Providers that took messages and called nothing back. Two queries of bounded parts of indexes a provider."""
    for provider in Provider.objects.order_by("pk") if rules.silent_minutes else ():
        last = provider.last_callback_at
        if _exists(UNANSWERED, [provider.pk, provider.pk, last]) and not _exists(IN_THE_INBOX, [provider.pk]):
            yield Finding(
                AlertKind.SILENT,
                f"provider:{provider.pk}",
                {"provider": provider.name},
                hold=timedelta(minutes=rules.silent_minutes),
                mark=last.isoformat() if last else "",
            )


def _exists(statement: str, values: Sequence[int | datetime | None]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.fetchone()[0])
