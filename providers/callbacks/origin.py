"""Whose callback it is where no token says: by the number it names, else by our correlation id."""

from collections.abc import Sequence
from typing import Any

from providers.drivers import driver_for
from providers.drivers.loose_json import mapping, scalar
from providers.drivers.wavy_messages import answered
from providers.models import Message, Provider
from providers.numbers import canonical
from providers.statuses import as_uuid


class ProviderFinder:
    """Looks providers up once a batch."""

    def __init__(self) -> None:
        self.known = {provider.pk: provider for provider in Provider.objects.all()}
        # A number may be approved for both, WhatsApp and SMS.
        self.by_number = {
            (driver_for(provider.api_type).segmented, canonical(provider.number)): provider
            for provider in self.known.values()
        }

    def by_id(self, provider_id: int) -> Provider:
        return self.known[provider_id]

    def by_items(self, items: Sequence[Any]) -> list[Provider | None]:
        """The provider of each item in open mode; None for one that names none of ours. One query at most."""
        found = [self._by_number(item) for item in items]
        wanted = {
            key: correlation
            for key, item in enumerate(items)
            if found[key] is None and (correlation := as_uuid(answered(mapping(item))))
        }
        if wanted:
            messages = Message.objects.filter(correlation_id__in=set(wanted.values()))
            owners = dict(messages.values_list("correlation_id", "provider_id"))
            for key, correlation in wanted.items():
                found[key] = self.known.get(owners.get(correlation, 0))
        return found

    def _by_number(self, item: Any) -> Provider | None:
        said = mapping(item)
        origin, short_code = scalar(said.get("origin")), scalar(said.get("shortCode"))
        sms, number = not origin, canonical(origin or short_code)
        return (
            (self.by_number.get((sms, number)) or self.by_number.get((not sms, number))) if number else None
        )
