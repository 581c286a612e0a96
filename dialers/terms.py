"""The terms of a base: from when and until when it may be sent, and a daily cap that was lifted for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import User
from dialers import acts
from dialers.bases import locked_for_act
from dialers.models import Base, BaseState
from providers.errors import Refusal

YEARS = range(
    2000, 2101
)  # in which a base may be sent; nearer the ends of the calendar no zone can be reckoned
ENDED = (BaseState.FINISHED, BaseState.CANCELLED, BaseState.FAILED)


def schedule_base(base: Base, start_at: datetime | None, valid_until: datetime | None, now: datetime) -> Base:
    """Sets the start date and the *valid until* of a base (aware times; None = at once, for ever).

    Raises Refusal `base_ended`, and with status 400 `date`, `until_before_start`, `until_past`, `start_past`. A running
    base keeps to the new dates at once.
    """
    for at in (start_at, valid_until):
        if at and at.year not in YEARS:
            raise no_date(at.strftime("%Y-%m-%d %H:%M"))
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state in ENDED:
            raise Refusal("base_ended", _("The base is at its end: its dates change nothing any more."))
        if start_at and valid_until and valid_until <= start_at:
            raise Refusal(
                "until_before_start", _("“Valid until” must be later than the start date."), status=400
            )
        if valid_until and valid_until <= now and valid_until != locked.valid_until:
            raise Refusal(
                "until_past", _("“Valid until” lies in the past: nothing would be sent."), status=400
            )
        if start_at and start_at <= now and start_at != locked.start_at:
            raise Refusal(
                "start_past",
                _("The start date lies in the past. Leave it empty to start at once."),
                status=400,
            )
        before = {"start_at": locked.start_at, "valid_until": locked.valid_until}
        locked.start_at, locked.valid_until = start_at, valid_until
        locked.save(update_fields=["start_at", "valid_until"])
        after = {"start_at": start_at, "valid_until": valid_until}
        changes = {
            key: (acts.time(before[key]), acts.time(at)) for key, at in after.items() if at != before[key]
        }
        if changes:
            acts.note(locked, Act.TERMS, changes=changes)
    return locked


def no_date(raw: str) -> Refusal:
    """What is said of a date that is none, or of no use."""
    return Refusal(
        "date",
        _("“%(raw)s” is no date with a time, such as 2026-11-30 09:00.") % {"raw": raw},
        status=400,
    )


def lift_cap(base: Base, user: User | None, reason: str, now: datetime) -> Base:
    """Lets a base exceed the messages that a person may get in a day; notes who, when and why.

    What was held back before stays so. Lifted twice, the first stays. Raises Refusal `reason_missing`,
    `base_ended`.
    """
    why = reason.replace("\x00", "").strip()
    if not why:
        raise Refusal(
            "reason_missing", _("Write why people may get more messages than the rules allow."), status=400
        )
    with transaction.atomic():
        locked = locked_for_act(base)
        if locked.state in ENDED:
            raise Refusal("base_ended", _("The base is at its end: there is nothing left to let through."))
        if locked.cap_override_at is None:
            locked.cap_override_by, locked.cap_override_at = user, now
            locked.cap_override_reason = why[:500]
            locked.save(update_fields=["cap_override_by", "cap_override_at", "cap_override_reason"])
            acts.note(locked, Act.CAP_LIFTED, user=user, changes={"cap_override_reason": ("", why[:500])})
    return locked
