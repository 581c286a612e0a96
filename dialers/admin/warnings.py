"""What an operator is asked about before a start, as sentences."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers.admin.numbers import grouped
from dialers.admin.words import name_of
from dialers.approvals import why_not
from dialers.capped import capped_today
from dialers.models import Base
from dialers.sent_today import SentToday, sent_today
from providers.templates import TemplateBook


def capped_words(base: Base, now: datetime) -> str:
    """How many people of it the daily cap holds back; "" where it holds nobody back, or was lifted."""
    if base.cap_override_at is not None:
        return ""
    found = capped_today(base, now)
    if found is None:
        return ""
    values = {"n": grouped(found.people)}
    if found.exact:
        sentence = ngettext(
            "%(n)s person has had as many messages today as the rules allow, and is held back.",
            "%(n)s people have had as many messages today as the rules allow, and are held back.",
            found.people,
        )
    else:
        sentence = ngettext(
            "About %(n)s person has had as many messages today as the rules allow, and is held back.",
            "About %(n)s people have had as many messages today as the rules allow, and are held back.",
            found.people,
        )
    return sentence % values


def before_start(base: Base, now: datetime, templates: TemplateBook | None = None) -> list[str]:
    """What speaks against starting it now; empty where nothing does."""
    found = sent_today(base, now)
    held = why_not(base, now, templates)
    return [*([held] if held else []), *([earlier_words(found, now)] if found else [])]


def earlier_words(found: SentToday, now: datetime) -> str:
    """Who sent what to how many of these people, when, with which base on which dialer."""
    earlier = found.base
    zone = ZoneInfo(earlier.dialer.time_zone)
    started = (earlier.started_at or now).astimezone(zone)
    today = started.date() == now.astimezone(zone).date()
    values = {
        "who": name_of(earlier.started_by),
        "n": grouped(found.people),
        "time": date_format(started, "H:i" if today else "j M H:i"),
        "base": earlier.name,
        "dialer": earlier.dialer.name,
    }
    if found.same_file:
        return (
            _("%(who)s sent the same file to %(n)s people at %(time)s (“%(base)s” on %(dialer)s).") % values
        )
    return (
        _(
            "Most of these people, about %(n)s, are in what went out today: "
            "%(who)s started “%(base)s” on %(dialer)s at %(time)s."
        )
        % values
    )
