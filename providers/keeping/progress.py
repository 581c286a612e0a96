"""How far the pruning of each kind is."""

from datetime import datetime

from django.db.models import F

from providers.models import Pruned

PAGE = 1000  # rows a transaction
PAGES = 20  # a run and kind; the next run goes on


def position(kind: str) -> int:
    """Where the next look begins."""
    return Pruned.objects.filter(kind=kind).values_list("position", flat=True).first() or 0


def note(kind: str, n: int, now: datetime, position: int = 0) -> int:
    """Counts what went and remembers how far it came; returns n."""
    if not n and Pruned.objects.filter(kind=kind, position=position).exists():
        return 0
    row, _made = Pruned.objects.get_or_create(kind=kind)
    changed = {"n": F("n") + n, "last_at": now} if n else {}
    Pruned.objects.filter(pk=row.pk).update(position=position, **changed)
    return n
