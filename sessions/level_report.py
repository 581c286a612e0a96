"""The service level over days: what a reader asked for, and its tables as a page and files show them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Disposition
from providers.errors import Refusal
from sessions import figures
from sessions.asked_days import days
from sessions.figures import Figures
from sessions.models import ChatSession

MOST_DAYS = {"hour": 31, "day": 400}
PARTS = ("intervals", "agents", "dispositions")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whole days, both included, on the wall clock of `zone`; of one campaign or of all that the reader sees."""

    first: date
    last: date
    step: str
    zone: ZoneInfo
    campaign: Campaign | None

    @property
    def since(self) -> datetime:
        """The first day's midnight."""
        return datetime.combine(self.first, time.min, self.zone).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """The midnight after the last day."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: what it is of, and its figures."""

    name: str
    of: Figures


def asked(values: Mapping[str, str], seen: QuerySet[Campaign], now: datetime) -> Asked:
    """What the query says; the last seven days of all campaigns where it says nothing.

    Raises Refusal `wrong_dates` or `no_campaign`, which say what to enter.
    """
    campaign = None
    if key := values.get("campaign"):
        campaign = seen.filter(pk=int(key)).first() if key.isascii() and key.isdecimal() else None
        if campaign is None:
            raise Refusal("no_campaign", _("There is no such campaign. Choose one of the list."), status=400)
    zone = ZoneInfo(campaign.time_zone if campaign else timezone.get_current_timezone_name())
    today = now.astimezone(zone).date()
    step = values.get("step", "")
    step = step if step in MOST_DAYS else "day"
    first, last = days(values, today, 1 if step == "hour" else 7, MOST_DAYS[step])
    return Asked(first, last, step, zone, campaign)


def sessions_of(wanted: Asked, seen: QuerySet[Campaign]) -> QuerySet[ChatSession]:
    """The interactions that count."""
    campaigns = [wanted.campaign.pk] if wanted.campaign else seen.values("pk")
    return figures.offered(wanted.since, wanted.until, campaigns)


def intervals(wanted: Asked, seen: QuerySet[Campaign]) -> list[Line]:
    """By hour or day. One query."""
    found = figures.by_interval(sessions_of(wanted, seen), wanted.step, wanted.zone)
    form = "SHORT_DATE_FORMAT" if wanted.step == "day" else "SHORT_DATETIME_FORMAT"
    return [Line(date_format(at.astimezone(wanted.zone), form), of) for at, of in found]


def agents(wanted: Asked, seen: QuerySet[Campaign]) -> list[Line]:
    """By the agent who answered first. One query."""
    return [Line(name, of) for name, of in figures.by_agent(sessions_of(wanted, seen))]


def dispositions(wanted: Asked, seen: QuerySet[Campaign]) -> list[Line]:
    """By disposition, with its levels. Two queries."""
    found = figures.by_disposition(sessions_of(wanted, seen))
    keys = [key for key, _of in found if key is not None]
    named = Disposition.objects.select_related("parent__parent").in_bulk(keys)
    return [Line(named[key].path if key else _("without a disposition"), of) for key, of in found]


TABLES: Mapping[str, Callable[[Asked, QuerySet[Campaign]], list[Line]]] = {
    "intervals": intervals,
    "agents": agents,
    "dispositions": dispositions,
}


def headings(part: str) -> list[str]:
    """The columns of a file."""
    first = {"intervals": _("From"), "agents": _("Agent"), "dispositions": _("Disposition")}[part]
    named = (
        _("Offered"),
        _("Answered"),
        _("within the limit"),
        _("Abandoned"),
        _("abandoned within the limit"),
    )
    return [first, *named, "SL1 %", "SL2 %", _("Speed of answer (s)"), _("Longest wait (s)")]


def records(part: str, wanted: Asked, seen: QuerySet[Campaign]) -> Iterator[list[str]]:
    """A table as texts: the header, its rows, and the whole."""
    yield headings(part)
    for line in TABLES[part](wanted, seen):
        yield _record(line.name, line.of)
    yield _record(_("all"), figures.of_all(sessions_of(wanted, seen)))


def _record(name: str, of: Figures) -> list[str]:
    counts = (of.offered, of.answered, of.answered_in_time, of.abandoned, of.abandoned_in_time)
    return [name, *map(str, counts), _percent(of.sl1), _percent(of.sl2), _number(of.asa), _number(of.longest)]


def _percent(share: float | None) -> str:
    return "" if share is None else str(round(100 * share))


def _number(seconds: Any) -> str:
    return "" if seconds is None else str(seconds)
