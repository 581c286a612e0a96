"""One push process for all the tests here, and the product's hints led to it."""

from collections.abc import Iterator

import pytest
from redis import Redis

from campaigns.models import Campaign
from providers import live
from providers.models import Contact, Provider
from tests.factories import NOW, OUR_NUMBER, make_campaign, make_contact, make_provider
from tests.push.pushing import Pushing


@pytest.fixture(scope="session")
def one_pushing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushing]:
    process = Pushing(tmp_path_factory.mktemp("push") / "var")
    process.start()
    yield process
    process.stop()


@pytest.fixture
def redis(one_pushing: Pushing) -> Iterator[Redis]:
    with one_pushing.redis() as client:
        yield client


@pytest.fixture
def pushing(one_pushing: Pushing, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Pushing:
    """Hints of this test reach its pages and nobody else's."""
    monkeypatch.setattr(live, "_hints", redis)
    return one_pushing


@pytest.fixture
def provider(db: None) -> Provider:
    return make_provider()


@pytest.fixture
def campaign(provider: Provider) -> Campaign:
    return make_campaign(provider, dids=(OUR_NUMBER,))


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider, last_incoming_at=NOW, name="María José")
