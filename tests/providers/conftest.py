"""One provider with a token, Wavy answering through `responses`, an empty Redis."""

from collections.abc import Iterator

import pytest
import responses

from providers.config import add_token
from providers.models import Provider
from providers.wake import redis
from tests.factories import make_provider
from tests.providers.scenes import TOKEN


@pytest.fixture
def provider(db: None) -> Provider:
    provider = make_provider(password="a-password-of-wavy")
    add_token(provider, TOKEN)
    return provider


@pytest.fixture
def other_provider(db: None) -> Provider:
    provider = make_provider("Other", "5511900000002", password="another-password")
    add_token(provider, "the-other-token")
    return provider


@pytest.fixture
def wavy() -> Iterator[responses.RequestsMock]:
    """Wavy's side of the wire; a request that no answer was laid out for fails the test."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def clean_redis() -> Iterator[None]:
    redis.flushdb()
    yield
    redis.flushdb()
