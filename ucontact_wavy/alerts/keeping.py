"""Pruning of alerts: those that have been over for as long as messages are kept go, with whom they were told."""

from datetime import datetime

from providers.keeping.rules import before
from ucontact_wavy.models import Alert

AT_A_TIME = 1000


def prune_alerts(now: datetime) -> int:
    """Removes some that were over before that; returns how many."""
    oldest = before(now).messages
    if oldest is None:
        return 0
    old = Alert.objects.filter(until__lt=oldest).order_by("until", "pk").values_list("pk", flat=True)
    keys = list(old[:AT_A_TIME])
    Alert.objects.filter(pk__in=keys).delete()
    return len(keys)
