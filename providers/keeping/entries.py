"""Pruning of who did what: the oldest entries, page by page of the index of their times."""

from datetime import datetime

from accounts.models import Entry
from providers.keeping import progress

KIND = "entries"


def prune_entries(before: datetime | None, now: datetime) -> int:
    """Deletes entries that are older, a page a transaction; returns how many."""
    gone = 0
    for _page in range(progress.PAGES if before else 0):
        oldest = Entry.objects.filter(timestamp__lt=before).order_by("timestamp").values_list("pk", flat=True)
        found = list(oldest[: progress.PAGE])
        if found:
            Entry.objects.filter(pk__in=found).delete()
        gone += len(found)
        if len(found) < progress.PAGE:
            break
    return progress.note(KIND, gone, now) if gone else 0
