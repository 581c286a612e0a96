"""The buttons of the page: which acts a base and a dialer allow now, each with its word and its question."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from dialers.admin.numbers import grouped
from dialers.models import Base, BaseState

ACTS: dict[str, tuple[str, ...]] = {
    BaseState.READY: ("start", "discard"),
    BaseState.RUNNING: ("pause", "cancel"),
    BaseState.PAUSED: ("start", "cancel"),
    BaseState.FAILED: ("discard",),
}


@dataclass(frozen=True, slots=True)
class Act:
    """A button: its word, and the question that is asked before it is done ("" for none)."""

    name: str
    word: str
    question: str = ""


def acts_of(base: Base, remaining: int) -> list[Act]:
    """What may be done to a base now; `remaining` is what has not left."""
    return [_act(name, base, remaining) for name in ACTS.get(base.state, ())]


def _act(name: str, base: Base, remaining: int) -> Act:
    number = grouped(remaining)
    if name == "cancel":
        return Act(
            name,
            _("Cancel the remaining %(n)s") % {"n": number},
            _("Cancel the remaining %(n)s of “%(base)s”? They will not be sent.")
            % {"n": number, "base": base.name},
        )
    if name == "discard":
        return Act(
            name,
            _("Discard"),
            _("Discard “%(base)s”? Nothing of it was sent; its lines are removed.") % {"base": base.name},
        )
    words = {"start": _("Go on") if base.state == BaseState.PAUSED else _("Start"), "pause": _("Pause")}
    return Act(name, words[name])
