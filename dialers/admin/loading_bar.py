"""How far the loading of a base is: a bar, the lines a second, the time left."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialers import loading_progress
from dialers.admin.numbers import grouped
from dialers.admin.times import MINUTE, length
from dialers.models import Base, BaseState

EARLY = 1.0  # seconds in which no rate can be told yet


@dataclass(frozen=True, slots=True)
class LoadingBar:
    """Whole percent of the file, and what stands below the bar."""

    percent: int
    words: str


def loading_bar(base: Base, now: datetime) -> LoadingBar | None:
    """None for a base that is loaded. Where nobody knows how far it is, the bar is empty and says so."""
    if base.state != BaseState.LOADING:
        return None
    said = loading_progress.read(base.pk)
    if said is None or not said.total_bytes:
        return LoadingBar(0, _("Reading and checking the file…"))
    part = min(said.done_bytes / said.total_bytes, 1.0)
    read = ngettext("%(n)s line read", "%(n)s lines read", said.lines) % {"n": grouped(said.lines)}
    if part >= 1:
        return LoadingBar(100, f"{read} · {_('looking for duplicates…')}")
    took = (now - said.started_at).total_seconds()
    if took < EARLY or not said.lines or not part:
        return LoadingBar(int(100 * part), read)
    rate = _("%(n)s a second") % {"n": grouped(said.lines / took)}
    seconds = took / part - took
    time = length(seconds) if seconds >= MINUTE else _("%(n)d s") % {"n": max(1, round(seconds))}
    left = _("%(time)s left") % {"time": time}
    return LoadingBar(int(100 * part), f"{read} · {rate} · {left}")
