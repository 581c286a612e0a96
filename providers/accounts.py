"""The part of a provider that its driver needs."""

from django.conf import settings

from providers.drivers.base import Account
from providers.models import Provider


def account_of(provider: Provider) -> Account:
    """A provider's credentials and address, for one request."""
    return Account(
        base_url=settings.WAVY_API_URL,
        number=provider.number,
        username=provider.username,
        password=provider.password,
        sms_from=provider.sms_from,
        templates_url=settings.WAVY_TEMPLATES_URL,
    )
