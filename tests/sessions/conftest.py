"""One provider, one campaign with the provider's number, one customer who may be written to."""

import pytest

from campaigns.models import Campaign
from providers.models import Contact, Provider
from tests.factories import NOW, OUR_NUMBER, make_campaign, make_contact, make_provider


@pytest.fixture
def provider(db: None) -> Provider:
    return make_provider()


@pytest.fixture
def campaign(provider: Provider) -> Campaign:
    return make_campaign(provider, dids=(OUR_NUMBER,))


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider, last_incoming_at=NOW, name="María José")
