"""Removing from the do-not-call registry, with who, when and why."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.audit import record_each
from accounts.models import User
from providers.errors import Refusal
from providers.models import DoNotCall, DoNotCallRemoval


def remove(entry: DoNotCall, user: User | None, reason: str, now: datetime) -> None:
    """Takes one entry out. Raises Refusal without a reason."""
    remove_many([entry.pk], user, reason, now)


def remove_many(keys: Collection[int], user: User | None, reason: str, now: datetime) -> int:
    """Takes out those entries that are still there, at once or not at all; returns how many.

    Raises Refusal (`reason_missing`, 400) without a reason.
    """
    if not reason.strip():
        raise Refusal("reason_missing", _("Write why: it is kept with the number."), status=400)
    with transaction.atomic():
        entries = list(DoNotCall.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        note(entries, user, reason.strip(), now)
        record_each(entries, Act.DELETED, {"reason": (None, reason.strip()[:500])}, user)
        DoNotCall.objects.filter(pk__in=[entry.pk for entry in entries]).delete()
    return len(entries)


def note(entries: Iterable[DoNotCall], user: User | None, reason: str, now: datetime) -> None:
    """Writes down what is taken out."""
    DoNotCallRemoval.objects.bulk_create(
        DoNotCallRemoval(
            provider_id=entry.provider_id,
            number=entry.number,
            source=entry.source,
            reason_of_entry=entry.reason,
            entered_at=entry.created_at,
            removed_by=user,
            removed_at=now,
            reason=reason[:500],
        )
        for entry in entries
    )
