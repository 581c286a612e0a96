"""Bases together with their tallies, in one statement, so that the counts of a moment fit each other."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Sum
from django.db.models.functions import JSONObject

from dialers.models import Base
from providers.models import Tally, TallyDelta
from providers.states import TALLY_KEYS


def with_tally() -> QuerySet[Base]:
    """Bases with their counts, folded and fresh; `tally_of` adds them up."""
    folded = Tally.objects.filter(batch=OuterRef("pk"))
    fresh = TallyDelta.objects.filter(batch=OuterRef("pk")).values("state").annotate(total=Sum("n"))
    return Base.objects.select_related("dialer__provider", "dialer__calendar").annotate(
        folded_counts=ArraySubquery(folded.values(json=JSONObject(state="state", n="n"))),
        fresh_counts=ArraySubquery(fresh.values(json=JSONObject(state="state", n="total"))),
    )


def tally_of(base: Base) -> dict[str, int]:
    """Rows per state and how many replied, every key present. The states add up to `valid`."""
    tally = dict.fromkeys(TALLY_KEYS.values(), 0)
    for count in [*getattr(base, "folded_counts", ()), *getattr(base, "fresh_counts", ())]:
        tally[TALLY_KEYS[count["state"]]] += count["n"]
    return tally
