"""Pruning of customers' media: files go, the oldest first; their messages stay, and say so."""

from datetime import datetime
from itertools import takewhile

from providers import media
from providers.keeping import progress
from providers.models import Media

KIND = "media"
PAGE = 100  # files; each is deleted by itself, maybe over the network


def prune_media(before: datetime | None, now: datetime) -> int:
    """Deletes the files of messages that were made before; returns how many.

    It goes on behind what the last run has deleted: a row has its message's id, and these rise with time.
    """
    if before is None:
        return 0
    gone, after = 0, progress.position(KIND)
    for _page in range(progress.PAGES):
        page = Media.objects.filter(pk__gt=after).order_by("pk").values_list("pk", "message__created_at")
        found = list(page[:PAGE])
        old = [key for key, created_at in found if created_at < before]
        if not old:
            break
        gone += media.delete_files(Media.objects.filter(pk__in=old))
        # A callback that was replayed late makes old messages among young ones, which have yet to go.
        leading = list(takewhile(set(old).__contains__, (key for key, _created_at in found)))
        after = leading[-1] if leading else after
        if len(leading) < PAGE:
            break
    return progress.note(KIND, gone, now, after)
