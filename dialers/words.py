"""States and stages of rows in words, the same on every page and in every export."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from providers.states import State


def state_word(key: str, held_back: bool = False) -> str:
    """What a key of the tally is called."""
    if held_back:
        return _("held back by us")
    words = {
        "pending": pgettext("messages", "pending"),
        "taken": _("sent; its message is not kept any more"),
        "skipped": pgettext("messages", "cancelled"),
        "replied": _("replied"),
    }
    return words.get(key) or str(State[key.upper()].label)


def time_words(held_back: bool | None = None) -> dict[str, str]:
    """What the times of a message are called, by their names, in the order in which they come about.

    `held_back` says by whom it was refused; None where that is not known of all.
    """
    refused = {None: _("turned away or held back"), True: _("held back by us"), False: _("turned away")}
    return {
        "accepted_at": pgettext("messages", "taken"),
        "sent_at": _("sent"),
        "delivered_at": _("delivered"),
        "read_at": _("read"),
        "replied_at": _("replied"),
        "refused_at": refused[held_back],
        "expired_at": _("expired"),
        "failed_at": _("not delivered"),
    }


def stage_word(key: str) -> str:
    """What a stage of the funnel is called."""
    return {
        "rows": _("in the base"),
        "taken": _("taken by Wavy"),
        "sent": _("sent"),
        "delivered": _("delivered"),
        "read": _("read"),
        "replied": _("replied"),
    }[key]
