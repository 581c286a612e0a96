"""What a base and its dialer are called on the page: colours of states, its terms, what a file is."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from dialers import sheets
from dialers.admin.times import day_and_time
from dialers.mapping import needs_mapping
from dialers.models import Base, BaseState

ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
BASE_COLOURS: dict[str, str] = {
    BaseState.LOADING: "grey",
    BaseState.READY: "blue",
    BaseState.RUNNING: "green",
    BaseState.PAUSED: "amber",
    BaseState.FINISHED: "teal",
    BaseState.CANCELLED: "grey",
    BaseState.FAILED: "red",
}


def state_of(base: Base) -> tuple[str, str]:
    """The word and the colour of a base's state. One that waits for its columns has not failed to its operator."""
    if needs_mapping(base):
        return _("choose the columns"), "amber"
    return str(base.get_state_display()), BASE_COLOURS[base.state]


def format_of(base: Base) -> str:
    """The detected format in words; "" before it is known."""
    if not base.found.get("encoding"):
        return ""
    if base.found["encoding"] == sheets.ENCODING:
        return "XLSX"
    names = {";": _("semicolons"), ",": _("commas"), "\t": _("tabs")}
    separator = names.get(base.found.get("separator", ""), base.found.get("separator", ""))
    return _("%(encoding)s, separated by %(separator)s") % {
        "encoding": ENCODINGS.get(base.found["encoding"], base.found["encoding"].upper()),
        "separator": separator,
    }


def columns_of(base: Base) -> str:
    """From which columns the messages are made, where somebody chose them; "" otherwise."""
    chosen = base.mapping
    if not chosen:
        return ""
    parts = [_("number from “%(column)s”") % {"column": chosen["destination"]}]
    parts += [
        _("%(parameter)s from “%(column)s”") % {"parameter": f"{{{{{n}}}}}", "column": column}
        for n, column in enumerate(chosen["parameters"], 1)
    ]
    if "message" in chosen:
        parts.append(_("message from “%(column)s”") % {"column": chosen["message"]})
    if chosen["priority"]:
        parts.append(_("priority from “%(column)s”") % {"column": chosen["priority"]})
    return _("Columns as chosen, and remembered, for files like this: %(columns)s.") % {
        "columns": ", ".join(parts)
    }


def terms_of(base: Base, now: datetime) -> list[str]:
    """From when and until when it may be sent, in the dialer's zone, and who lifted the daily cap for it and why."""
    zone = ZoneInfo(base.dialer.time_zone)
    today = now.astimezone(zone)
    said = []
    if base.start_at:
        said.append(_("not before %(time)s") % {"time": day_and_time(base.start_at.astimezone(zone), today)})
    if base.valid_until:
        said.append(
            _("valid until %(time)s") % {"time": day_and_time(base.valid_until.astimezone(zone), today)}
        )
    if base.cap_override_at:
        said.append(
            _("daily cap lifted by %(who)s, %(time)s: %(why)s")
            % {
                "who": name_of(base.cap_override_by),
                "time": day_and_time(base.cap_override_at.astimezone(zone), today),
                "why": base.cap_override_reason,
            }
        )
    return said


def name_of(user: User | None) -> str:
    """Somebody's name as colleagues know it; a program has none."""
    return (user.get_full_name() or user.username) if user else _("Somebody (through the API)")
