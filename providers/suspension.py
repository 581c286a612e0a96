"""A provider that turns away its credentials sends nothing until somebody has looked at it."""

from datetime import datetime

from django.db import transaction

from accounts.acts import Act
from accounts.audit import record
from providers.models import Provider


def suspend(provider: Provider, reason: str, now: datetime) -> None:
    """Notes since when and why; an earlier suspension keeps its time. `reason` is a key of providers.errors."""
    with transaction.atomic():
        noted = Provider.objects.filter(pk=provider.pk, suspended_at=None).update(
            suspended_at=now, suspended_reason=reason
        )
        if noted:
            record(provider, Act.SUSPENDED, {"suspended_reason": ("", reason)})


def end(provider: Provider) -> None:
    """It is tried again. Twice is harmless."""
    with transaction.atomic():
        noted = (
            Provider.objects.filter(pk=provider.pk)
            .exclude(suspended_at=None)
            .update(suspended_at=None, suspended_reason="")
        )
        if noted:
            record(provider, Act.IN_SERVICE, {"suspended_reason": (provider.suspended_reason, "")})
