"""Why nothing moves, as the page says it: what it waits for, and when it goes on."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from dialers import progress as figures
from dialers.admin.numbers import grouped
from dialers.admin.times import day_and_time
from dialers.endings import OUT_OF_TIME
from dialers.failures import FAILURE_RATE, NO_ANSWERS
from dialers.hours import Ceilings
from dialers.models import Base, BaseState
from dialers.waiting import Waiting, Work, waiting, works_of


def why_of(base: Base, now: datetime, kept: Ceilings | None = None, work: Work | None = None) -> str:
    """Why nothing of a base moves, or why it ended before its end; "" where there is nothing to say.

    `kept`: its dialer's hours, `work`: its own, where they were read.
    """
    found = waiting(base, now, kept, work)
    if found:
        return why_words(base, found, now)
    if base.reason == OUT_OF_TIME and base.valid_until and base.state == BaseState.FINISHED:
        until = _at(base.valid_until, base, now)
        return _("It was valid until %(until)s; what was left then was not sent.") % {"until": until}
    return base.reason


def why_of_dialer(at_work: list[Base], kept: Ceilings, now: datetime) -> str:
    """Why nothing of a dialer moves, whose running and paused bases and whose hours these are; "" while something
    does."""
    works = works_of(figures.that_count(at_work), now) if at_work else {}
    found = figures.waits_of(at_work, kept, works, now)
    if isinstance(found, str):
        return _("Nothing to send: upload a base, or start one that is ready.")
    return why_words(*found, now) if found else ""


def why_words(base: Base, found: Waiting, now: datetime) -> str:
    """A reason in a sentence, with its times in the dialer's zone."""
    return WORDS[found.key](base, found, now)


def _at(moment: datetime | None, base: Base, now: datetime) -> str:
    zone = ZoneInfo(base.dialer.time_zone)
    return day_and_time(moment.astimezone(zone), now.astimezone(zone)) if moment else ""


def _opens(text: str, base: Base, found: Waiting, now: datetime) -> str:
    opens = _at(found.until, base, now)
    if not opens:
        return (
            f"{text} {_('It does not open within two months: look at the dialer’s schedule and calendar.')}"
        )
    zone = base.dialer.time_zone
    return (
        f"{text} {_('It goes on by itself: %(opens)s, time of %(zone)s.') % {'opens': opens, 'zone': zone}}"
    )


def _schedule(base: Base, found: Waiting, now: datetime) -> str:
    return _opens(_("Outside its schedule."), base, found, now)


def _legal_hours(base: Base, found: Waiting, now: datetime) -> str:
    return _opens(_("Outside the legal hours, which hold for every dialer."), base, found, now)


def _holiday(base: Base, found: Waiting, now: datetime) -> str:
    text = (
        _("Closed today: %(day)s.") % {"day": found.name}
        if found.name
        else _("Closed today by its calendar.")
    )
    return _opens(text, base, found, now)


def _start_date(base: Base, found: Waiting, now: datetime) -> str:
    return _("Waits for its start date: %(start)s.") % {"start": _at(found.until, base, now)}


def _valid_until(base: Base, found: Waiting, now: datetime) -> str:
    return _("It is valid no more; what is left is not sent.")


def _credentials(base: Base, found: Waiting, now: datetime) -> str:
    if found.since is None:
        return _(
            "The provider turns away the username or password. Correct them there, then start again; "
            "nothing is lost."
        )
    return _(
        "The provider turns away the username or password since %(since)s. Correct them there, then start again; "
        "nothing is lost."
    ) % {"since": _at(found.since, base, now)}


def _unreachable(base: Base, found: Waiting, now: datetime) -> str:
    return _("The provider cannot be reached; it is tried again every few seconds, and nothing is lost.")


def _slower(base: Base, found: Waiting, now: datetime) -> str:
    return _("The provider asks for a slower pace; it goes on by itself.")


def _pace(base: Base, found: Waiting, now: datetime) -> str:
    return _("Waits for its pace.")


def _daily_limit(base: Base, found: Waiting, now: datetime) -> str:
    n = base.dialer.provider.daily_limit
    text = _("The provider's daily limit of %(n)s people is reached; the rest goes on by itself.") % {
        "n": grouped(n)
    }
    free = _at(found.until, base, now)
    return f"{text} {_('The next place is free %(at)s.') % {'at': free}}" if free else text


def _retry(base: Base, found: Waiting, now: datetime) -> str:
    return _("Waits until %(at)s for the next attempt of what could not leave.") % {
        "at": _at(found.until, base, now)
    }


def _failure_rate(base: Base, found: Waiting, now: datetime) -> str:
    return _(
        "Paused by itself: %(percent)d %% of the latest messages failed, and the dialer's limit is %(limit)d %%. "
        "Look at the reasons, then start it again."
    ) % {key: base.reason_figures.get(key, 0) for key in ("percent", "limit")}


def _no_answers(base: Base, found: Waiting, now: datetime) -> str:
    return _(
        "Paused by itself: the latest %(n)d messages got no answer from the provider, so they may have left. "
        "Look at the provider, then start it again."
    ) % {"n": base.reason_figures.get("of", 0)}


WORDS: dict[str, Callable[[Base, Waiting, datetime], str]] = {
    "schedule": _schedule,
    "legal_hours": _legal_hours,
    "holiday": _holiday,
    "start_date": _start_date,
    "valid_until": _valid_until,
    "credentials": _credentials,
    "unreachable": _unreachable,
    "slower": _slower,
    "pace": _pace,
    "daily_limit": _daily_limit,
    "retry": _retry,
    FAILURE_RATE: _failure_rate,
    NO_ANSWERS: _no_answers,
}
