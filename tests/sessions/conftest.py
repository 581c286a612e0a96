"""One provider, one campaign with the provider's number, one customer who may be written to, and Ana, who answers."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from redis.client import PubSub

from accounts.models import User
from campaigns.models import Campaign
from providers.models import Contact, Provider
from providers.streams import EVERY_QUEUE, PREFIX, channel
from providers.wake import redis
from tests.factories import NOW, OUR_NUMBER, make_agent, make_campaign, make_contact, make_provider


@pytest.fixture
def provider(db: None) -> Provider:
    return make_provider()


@pytest.fixture
def campaign(provider: Provider) -> Campaign:
    return make_campaign(provider, dids=(OUR_NUMBER,))


@pytest.fixture
def contact(provider: Provider) -> Contact:
    return make_contact(provider, last_incoming_at=NOW, name="María José")


@pytest.fixture
def ana(campaign: Campaign) -> User:
    return make_agent("ana", campaign, first_name="Ana")


@pytest.fixture
def desk(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture
def heard() -> Iterator[Callable[[], set[str]]]:
    """Gives the channels on which open pages were told something since the last time it was asked.

    The one that supervisors hear of every queue is left out.
    """
    listener: PubSub = redis.pubsub()  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
    listener.psubscribe(f"{PREFIX}:*")

    def since() -> set[str]:
        redis.publish(f"{PREFIX}:end", "")
        told: set[str] = set()
        while (name := _next(listener)) != f"{PREFIX}:end":
            told.add(name)
        return told - {channel("queue", EVERY_QUEUE)}

    since()
    yield since
    listener.close()


def _next(listener: PubSub) -> str:
    while True:
        message = listener.get_message(timeout=5)
        assert message is not None, "nothing came"
        if message["type"] == "pmessage":
            return str(message["channel"].decode())
