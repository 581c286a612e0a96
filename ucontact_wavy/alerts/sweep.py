"""The sweep: looks at rows, opens what is wrong, notes how it goes on, ends what is over. Twice at once is harmless."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog
from django.db import transaction
from redis import RedisError

from providers.locks import Lock, advisory_lock
from ucontact_wavy.alerts import inbox, outbox, queues, rules, sending, workers
from ucontact_wavy.alerts.findings import CALM, Finding
from ucontact_wavy.alerts.reading import UNWATCHED
from ucontact_wavy.models import Alert, AlertKind, AlertLevel, AlertRules, Event

log = structlog.get_logger(__name__)


def sweep(now: datetime) -> bool:
    """One look round. Returns whether somebody is to be told something; False too where another sweep is at it.

    Queries: bounded by the number of providers, running bases and open alerts, never by that of messages.
    """
    with advisory_lock(Lock.ALERTS) as free:
        return free and _sweep(now)


def _sweep(now: datetime) -> bool:
    kept = rules.current()
    last = rules.note_sweep(kept, now)
    watched = rules.watched(kept)
    unknown: set[AlertKind] = set()
    findings = [one for one in _look(kept, now, unknown) if one.kind in watched]
    told = [_note_gap(last, now, kept)] if AlertKind.WORKERS in watched else []
    told += _settle(findings, unknown, now, kept)
    return any(told)


def _look(kept: AlertRules, now: datetime, unknown: set[AlertKind]) -> Iterator[Finding]:
    """All that is wrong now. `unknown` gets the kinds of which nothing can be said, and so nothing changes."""
    yield from sending.credentials()
    yield from sending.paused_bases()
    yield from sending.failure_rates(kept, now)
    yield from sending.silence(kept)
    yield from queues.queues(now)
    yield from inbox.inbox(kept, now)
    try:
        yield from workers.silent_workers(kept, now)
    except RedisError as error:
        log.warning("workers_unknown", error=type(error).__name__)
        unknown.add(AlertKind.WORKERS)


def _settle(
    findings: Iterable[Finding], unknown: set[AlertKind], now: datetime, kept: AlertRules
) -> list[bool]:
    """Brings the alerts to what was found."""
    running = {(alert.kind, alert.subject): alert for alert in Alert.objects.filter(until=None)}
    told = []
    for finding in findings:
        alert = running.get(finding.key)
        if alert is None:
            alert = _begin(finding, now) if finding.firm else None
        elif alert.mark != finding.mark or not (finding.firm or alert.opened_at):
            continue  # not the same any more, or never beyond the limit: as if it were not found
        running.pop(finding.key, None)
        if alert is not None:
            told.append(_go_on(alert, finding, now, kept))
    told += [_over(alert, now, kept) for alert in running.values() if alert.kind not in unknown]
    return told


def _begin(finding: Finding, now: datetime) -> Alert:
    return Alert(kind=finding.kind, subject=finding.subject, mark=finding.mark, since=finding.since or now)


def _go_on(alert: Alert, finding: Finding, now: datetime, kept: AlertRules) -> bool:
    """Notes how it stands; opens it once it has held, and says so once when it gets worse."""
    before = _state(alert)
    event: Event | None = None
    if alert.opened_at is None:
        alert.level = finding.level
        if now - alert.since >= finding.hold:
            alert.opened_at, event = now, Event.OPENED
    elif alert.level == AlertLevel.AMBER and finding.level == AlertLevel.RED:
        alert.level, event = finding.level, Event.WORSE
    alert.values, alert.campaign, alert.clear_since = finding.values, finding.campaign, None
    if _state(alert) == before:
        return False
    with transaction.atomic():
        alert.save()
        return bool(event and outbox.plan(alert, event, kept, now))


def _state(alert: Alert) -> tuple[object, ...]:
    """What of it may change while it lasts."""
    return (alert.pk, alert.level, alert.opened_at, alert.values, alert.campaign, alert.clear_since)


def _over(alert: Alert, now: datetime, kept: AlertRules) -> bool:
    """Ends it once it has looked over for long enough; what never counted is forgotten."""
    if alert.opened_at is None:
        alert.delete()
        return False
    if alert.clear_since is None:
        alert.clear_since = now
        alert.save(update_fields=["clear_since"])
    if now - alert.clear_since < CALM[AlertKind(alert.kind)]:
        return False
    alert.until = alert.clear_since
    with transaction.atomic():
        alert.save(update_fields=["clear_since", "until"])
        return outbox.plan(alert, Event.ENDED, kept, now)


def _note_gap(last: datetime | None, now: datetime, kept: AlertRules) -> bool:
    """That nobody watched for a while, no worker being there: known, and told, only once it is over."""
    if last is None or now - last < UNWATCHED:
        return False
    gap = Alert(kind=AlertKind.WORKERS, subject="queue:", values={"queue": ""}, since=last)
    gap.opened_at = gap.until = now
    with transaction.atomic():
        gap.save()
        return outbox.plan(gap, Event.ENDED, kept, now)
