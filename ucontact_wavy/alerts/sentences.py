"""What an alert says, in the language and zone of whoever reads it, and where its act leads."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from dialers.admin.times import day_and_time, length
from dialers.failures import FAILURE_RATE, NO_ANSWERS
from ucontact_wavy.models import Alert, AlertKind

MOST_COUNTED = 1000  # what piles up is counted so far
Values = Mapping[str, Any]

# What stands still with a worker, by its queue.
WORK: dict[str, Promise] = {
    "bases": gettext_lazy("bases are not sent"),
    "callbacks": gettext_lazy("statuses and customers' messages are not applied"),
    "replies": gettext_lazy("agents' replies do not leave, and nothing is swept up"),
    "media": gettext_lazy("customers' files are not fetched"),
}


def sentence(alert: Alert, now: datetime) -> str:
    """One sentence: what, and since when."""
    return SENTENCES[AlertKind(alert.kind)]({**alert.values, "since": clock(alert.since, now)})


def ending(alert: Alert) -> str:
    """“Over since 11:20, lasted 38 min.”; "" of one that is not over."""
    if alert.until is None:
        return ""
    return _("Over since %(until)s, lasted %(lasted)s.") % {
        "until": clock(alert.until, alert.until),
        "lasted": length((alert.until - alert.since).total_seconds()),
    }


def clock(at: datetime, now: datetime) -> str:
    """“10:42” of today, else with its day, in the reader's zone."""
    return day_and_time(timezone.localtime(at), timezone.localtime(now))


def act(alert: Alert) -> tuple[str, str]:
    """What to do about it, and the path of the page where one does it."""
    words, page = ACTS[AlertKind(alert.kind)]
    _model, _colon, key = alert.subject.partition(":")
    if page.endswith("_change"):
        return str(words), reverse(page, args=[alert.values.get("page", key)])
    return str(words), reverse(page)


def _n(values: Values) -> str:
    """A count as it is told; one that was cut off says so."""
    n = number_format(values["n"], force_grouping=True)
    return _("more than %(n)s") % {"n": n} if values["n"] >= MOST_COUNTED else n


def _credentials(values: Values) -> str:
    text = _("%(provider)s turns away the username or password since %(since)s.") % values
    if not values.get("bases"):
        return text
    held = ngettext("%(bases)d base stands still.", "%(bases)d bases stand still.", values["bases"])
    return f"{text} {held % values}"


def _base_paused(values: Values) -> str:
    text = _("“%(base)s” of %(dialer)s has paused itself, %(since)s:") % values
    return f"{text} {_pause(values)}"


def _pause(values: Values) -> str:
    if values["reason"] == FAILURE_RATE:
        return (
            _("%(percent)d %% of the latest messages failed, and the dialer's limit is %(limit)d %%.")
            % values
        )
    if values["reason"] == NO_ANSWERS:
        return _("the latest %(n)d messages got no answer from the provider.") % values
    return _("the provider turned away the username or password, which hold by now. Start it again.")


def _failure_rate(values: Values) -> str:
    return (
        _("%(percent)d %% of the latest messages of “%(base)s” (%(dialer)s) fail since %(since)s.") % values
    )


def _queue_wait(values: Values) -> str:
    longest = length(values["seconds"])
    text = ngettext(
        "%(n)d customer waits in %(campaign)s, the longest for %(longest)s.",
        "%(n)d customers wait in %(campaign)s, the longest for %(longest)s.",
        values["n"],
    )
    return text % {**values, "longest": longest}


def _queue_full(values: Values) -> str:
    return _("The queue of %(campaign)s is full since %(since)s: %(n)d wait, and %(most)d may.") % values


def _silent(values: Values) -> str:
    return _("%(provider)s takes messages and has called nothing back since %(since)s.") % values


def _quarantine(values: Values) -> str:
    return _("Quarantine fills: %(n)s items of callbacks could not be applied within an hour.") % {
        "n": _n(values)
    }


def _set_aside(values: Values) -> str:
    return _("Callbacks set aside within an hour because applying them failed: %(n)s.") % {"n": _n(values)}


def _unmatched(values: Values) -> str:
    return _("Statuses within an hour that belong to no message of ours: %(n)s.") % {"n": _n(values)}


def _workers(values: Values) -> str:
    if values["queue"] not in WORK:
        return _("No worker was heard from since %(since)s: nothing is sent, applied or watched.") % values
    return _("The worker “%(queue)s” was not heard from since %(since)s: %(work)s.") % {
        **values,
        "work": WORK[values["queue"]],
    }


SENTENCES: dict[AlertKind, Callable[[Values], str]] = {
    AlertKind.CREDENTIALS: _credentials,
    AlertKind.BASE_PAUSED: _base_paused,
    AlertKind.FAILURE_RATE: _failure_rate,
    AlertKind.QUEUE_WAIT: _queue_wait,
    AlertKind.QUEUE_FULL: _queue_full,
    AlertKind.SILENT: _silent,
    AlertKind.QUARANTINE: _quarantine,
    AlertKind.SET_ASIDE: _set_aside,
    AlertKind.UNMATCHED: _unmatched,
    AlertKind.WORKERS: _workers,
}
ACTS: dict[AlertKind, tuple[Promise, str]] = {
    AlertKind.CREDENTIALS: (gettext_lazy("Open the provider"), "admin:providers_provider_change"),
    AlertKind.BASE_PAUSED: (gettext_lazy("Open the dialer"), "admin:dialers_dialer_change"),
    AlertKind.FAILURE_RATE: (gettext_lazy("Open the dialer"), "admin:dialers_dialer_change"),
    AlertKind.QUEUE_WAIT: (gettext_lazy("Open the live board"), "board"),
    AlertKind.QUEUE_FULL: (gettext_lazy("Open the live board"), "board"),
    AlertKind.SILENT: (gettext_lazy("Open the provider"), "admin:providers_provider_change"),
    AlertKind.QUARANTINE: (gettext_lazy("Open the quarantine"), "admin:providers_quarantineditem_changelist"),
    AlertKind.SET_ASIDE: (gettext_lazy("Open the callbacks"), "admin:providers_callback_changelist"),
    AlertKind.UNMATCHED: (gettext_lazy("Open the statuses"), "admin:providers_unmatchedstatus_changelist"),
    AlertKind.WORKERS: (gettext_lazy("See what is ready"), "readyz"),
}
