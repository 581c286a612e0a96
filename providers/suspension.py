"""A provider that turns away its credentials sends nothing until somebody has looked at it."""

from datetime import datetime

from providers.models import Provider


def suspend(provider: Provider, reason: str, now: datetime) -> None:
    """Notes since when and why; an earlier suspension keeps its time. `reason` is a key of providers.errors."""
    Provider.objects.filter(pk=provider.pk, suspended_at=None).update(
        suspended_at=now, suspended_reason=reason
    )
