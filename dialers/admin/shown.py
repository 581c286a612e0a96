"""Rows, decisions and choices as the pages of a base show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.labels import label, moment
from dialers.models import Base
from dialers.recycling import BY_REASON, Choice
from dialers.rows import RowLine, Wanted
from dialers.words import stage_word, state_word, time_words
from providers.admin.labels import COLOURS
from providers.errors import held_back, kind_of
from providers.models import Message
from providers.numbers import display as readable
from providers.states import State

DECISIONS = 20


@dataclass(frozen=True, slots=True)
class RowShown:
    """A row in words."""

    line: int
    number: str
    text: str
    state: SafeString
    why: str
    times: list[tuple[str, SafeString | str]]
    decided: str
    decided_at: datetime | None
    extra: dict[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about a message that was unconfirmed."""

    number: str
    what: str
    who: str
    when: SafeString | str
    message: str


@dataclass(frozen=True, slots=True)
class Group:
    """The choices of one outcome."""

    word: str
    choices: list[tuple[str, str, int]]


def shown(row: RowLine, zone: str) -> RowShown:
    """The row in words, its times in the dialer's zone."""
    words = time_words(row.held_back)
    colour = "held_back" if row.held_back else row.state
    reached = sorted((at, words[name]) for name, at in row.times.items() if at)
    return RowShown(
        row.line,
        readable(row.contact) if row.contact else _("erased on request"),
        row.text,
        label(COLOURS.get(colour, "grey"), state_word(row.state, row.held_back)),
        row.why,
        [(word, moment(at, zone)) for at, word in reached],
        row.decided_by,
        row.decided_at,
        row.extra,
        str(row.message_id or ""),
    )


def headline(wanted: Wanted) -> str:
    """What the rows of a list have in common."""
    if wanted.reached:
        return _("At least: %(stage)s") % {"stage": stage_word(wanted.reached)}
    ours = wanted.held_back == "yes" or held_back(wanted.state == State.REFUSED.key, wanted.error)
    if wanted.error:
        return f"{state_word(wanted.state, ours)}: {kind_of(wanted.error).sentence}"
    if wanted.state == State.REFUSED.key and not wanted.held_back:
        return _("Turned away by Wavy, or held back by us")
    return state_word(wanted.state, ours) if wanted.state else _("All rows")


def again_groups(choices: Iterable[Choice]) -> list[Group]:
    """The outcomes of which rows may go again, each with its reasons: key, word, number."""
    words = {
        "failed": _("Not delivered"),
        "expired": _("Expired"),
        "refused": _("Turned away by Wavy"),
        "held_back": _("Held back by us"),
        "sent": _("Sent, but not delivered"),
        "delivered": _("Delivered, but no answer"),
        "read": _("Read, but no answer"),
        "skipped": _("Cancelled"),
    }
    groups: dict[str, Group] = {}
    for one in choices:
        several = one.outcome in BY_REASON
        key = "held_back" if held_back(one.outcome == State.REFUSED.key, one.error) else one.outcome
        group = groups.setdefault(key, Group(words[key] if several else "", []))
        word = words[key]
        if several:
            word = str(kind_of(one.error).sentence) if one.error else _("No reason was given.")
        group.choices.append((one.key, word, one.n))
    return list(groups.values())


def decided(base: Base) -> list[Decision]:
    """The latest decisions about a base's unconfirmed messages, the newest first."""
    found = (
        Message.objects.filter(Q(batch=base.pk) | Q(sent_again_as__batch=base.pk), decided_at__isnull=False)
        .select_related("contact", "decided_by")
        .order_by("-decided_at")[:DECISIONS]
    )
    return [
        Decision(
            str(one.contact) if one.contact.erased else readable(one.contact.contact),
            _("sent again") if one.sent_again_as_id else _("taken as sent"),
            str(one.decided_by or _("nobody who is still here")),
            moment(one.decided_at, base.dialer.time_zone),
            str(one.pk),
        )
        for one in found
    ]
