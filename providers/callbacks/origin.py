"""Whose callback it is where no token says: by the number it names, else by our correlation id."""

from typing import Any

from providers.models import Message, Provider
from providers.numbers import canonical
from providers.statuses import as_uuid


class ProviderFinder:
    """Looks providers up once a batch."""

    def __init__(self) -> None:
        self.known = {provider.pk: provider for provider in Provider.objects.all()}
        self.by_number = {canonical(provider.number): provider for provider in self.known.values()}

    def by_id(self, provider_id: int) -> Provider:
        return self.known[provider_id]

    def by_body(self, body: Any) -> Provider | None:
        """The provider of a callback in open mode, from its first item that names one; None if none does."""
        items = body.get("data", body) if isinstance(body, dict) else body
        for item in items if isinstance(items, list) else [items]:
            if not isinstance(item, dict):
                continue
            digits = "".join(filter(str.isdecimal, str(item.get("origin") or item.get("shortCode") or "")))
            if digits and canonical(digits) in self.by_number:
                return self.by_number[canonical(digits)]
            correlation = as_uuid(str(item.get("correlationId") or ""))
            if correlation:
                message = Message.objects.filter(correlation_id=correlation).only("provider_id").first()
                if message:
                    return self.known.get(message.provider_id)
        return None
